// Preloaded by tests: shifts the wall clock by the number of milliseconds in the file that CLOCK_OFFSET_FILE names.
import { readFileSync } from "node:fs";

const RealDate = Date;
const now = Date.now.bind(Date);

const offset = () => {
  try {
    return Number(readFileSync(process.env.CLOCK_OFFSET_FILE, "utf8")) || 0;
  } catch {
    return 0;
  }
};

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(now() + offset());
    else super(...parts);
  }

  static now() {
    return now() + offset();
  }
};
