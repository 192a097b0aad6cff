/** What `aggregate` does, as a loop by hand: it keeps all in memory, and a crash loses it. */
import { eachLine, lineWriter } from "./lines.ts";

const [from, to] = process.argv.slice(2) as [string, string];
const sums = new Map<string, { events: number; bytes: number }>();
eachLine(from, (line) => {
  const { key, bytes } = JSON.parse(line) as { key: string; bytes: number };
  const sum = sums.get(key);
  if (sum) {
    sum.events++;
    sum.bytes += bytes;
  } else sums.set(key, { events: 1, bytes });
});
const { write, flush } = lineWriter(to);
const end = new Date().toISOString();
for (const [key, sum] of sums) write(JSON.stringify({ "@timestamp": end, window: { start: end, end }, key, ...sum }));
flush();
