import { openSync, readSync, writeSync } from "node:fs";

/** Calls `take` with each line of a file, which is read in blocks. */
export const eachLine = (path: string, take: (line: string) => void): void => {
  const file = openSync(path, "r");
  const block = Buffer.alloc(1 << 20);
  let carried = 0;
  for (;;) {
    const read = readSync(file, block, carried, block.length - carried, null);
    if (read === 0) break;
    const filled = block.subarray(0, carried + read);
    let start = 0;
    for (let end = filled.indexOf(10); end >= 0; end = filled.indexOf(10, start)) {
      take(filled.toString("utf8", start, end));
      start = end + 1;
    }
    carried = filled.length - start;
    block.copyWithin(0, start, filled.length);
  }
};

/** Writes lines to a new file, in blocks. */
export const lineWriter = (path: string) => {
  const file = openSync(path, "w");
  let held: string[] = [];
  const flush = (): void => {
    writeSync(file, held.join(""));
    held = [];
  };
  const write = (line: string): void => {
    held.push(`${line}\n`);
    if (held.length === 2_000) flush();
  };
  return { write, flush };
};
