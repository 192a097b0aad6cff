/** What `remap` does to an access log, as a loop by hand: it keeps nothing, and a crash loses what it does. */
import { shapedByHand } from "./by-hand.ts";
import { eachLine, lineWriter } from "./lines.ts";

const [from, to] = process.argv.slice(2) as [string, string];
const { write, flush } = lineWriter(to);
eachLine(from, (line) => write(JSON.stringify(shapedByHand(line))));
flush();
