import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testCodec, testSink, testSource, testTransform } from "weir/testing";
import { badges, first_entry, ledger, pairs } from "../index.js";

testSource(badges, [
  {
    name: "sends as many readings as it is told",
    arrange: async () => ({ config: { count: 3, every: 0 } }),
    lines: ["n=0 badge=0", "n=1 badge=1", "n=2 badge=4"],
  },
]);

testTransform(first_entry, [
  {
    name: "passes the first event of each badge",
    config: { badge: "badge" },
    input: [{ badge: "4" }, { badge: "7" }, { badge: "4" }],
    output: [
      { badge: "4", entry: 1 },
      { badge: "7", entry: 2 },
    ],
    consumed: { known: 1 },
  },
]);

testSink(ledger, [
  {
    name: "appends what it gets",
    events: [{ n: 1 }, { n: 2 }],
    async arrange() {
      const folder = await mkdtemp(join(tmpdir(), "ledger-"));
      const path = join(folder, "entries.txt");
      const parse = (line) => JSON.parse(line.slice(line.indexOf(" ")));
      return {
        config: { path },
        received: async () => (await readFile(path, "utf8")).trimEnd().split("\n").map(parse),
        close: () => rm(folder, { recursive: true }),
      };
    },
  },
]);

testCodec(pairs, [
  {
    name: "reads pairs",
    config: { between: "=" },
    records: ["door=north badge=17", "door", "a=b=c"],
    output: [{ door: "north", badge: "17" }],
    rejected: { codec_error: 2 },
  },
]);
