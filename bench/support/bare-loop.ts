/** The baseline: reads a file in blocks, and only calls JSON.parse on each line. Prints the number of lines. */
import { eachLine } from "./lines.ts";

let lines = 0;
eachLine(process.argv[2]!, (line) => {
  JSON.parse(line);
  lines++;
});
console.log(lines);
