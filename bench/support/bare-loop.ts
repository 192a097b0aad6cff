/** The baseline: reads a file in blocks, and only calls JSON.parse on each line. Prints the number of lines. */
import { openSync, readSync } from "node:fs";

const file = openSync(process.argv[2]!, "r");
const block = Buffer.alloc(1 << 20);
let carried = 0;
let lines = 0;
for (;;) {
  const read = readSync(file, block, carried, block.length - carried, null);
  if (read === 0) break;
  const filled = block.subarray(0, carried + read);
  let start = 0;
  for (let end = filled.indexOf(10); end >= 0; end = filled.indexOf(10, start)) {
    JSON.parse(filled.toString("utf8", start, end));
    lines++;
    start = end + 1;
  }
  carried = filled.length - start;
  block.copyWithin(0, start, filled.length);
}
console.log(lines);
