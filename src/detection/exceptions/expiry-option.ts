import { DecodeError, type OptionDecoder } from "../../option/decoder.ts";
import { kind } from "../../option/option.ts";
import { parseTime } from "../event-time.ts";
import type { ExceptionCatalog } from "./catalog.ts";

/** How long before its end an exception is warned of, in milliseconds. */
const notice = 14 * 86_400_000;

const decode: OptionDecoder = (text, { rules }, warn) => {
  const at = /^\d{4}-/.test(text) ? parseTime(text) : undefined;
  if (at === undefined)
    throw new DecodeError("config/compiled", `"${text}" is not a date or a time.`, {
      hint: "Write 2026-12-31, or 2026-12-31T18:00Z.",
    });
  const { now } = rules as ExceptionCatalog;
  if (now !== undefined && at <= now)
    warn(
      "config/exception-expiry",
      [`The exception until ${text}`, "has ended: it does not apply to new events"],
      "Remove it, or let it end later.",
    );
  else if (now !== undefined && at - now < notice)
    warn(
      "config/exception-expiry",
      [`The exception until ${text}`, "ends soon"],
      "If its reason still holds, let it end later.",
    );
  return at;
};

/** An option that is the end of an exception: a date, or a time in ISO 8601. It is decoded to milliseconds since 1970. */
export const expiryOption = kind<number, string>("expiry", {
  title: "a date such as 2026-12-31, or a time in ISO 8601",
  type: "string",
  decode,
});
