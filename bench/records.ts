/**
 * The cost of reading a JSON record and writing it again, in this process: the decoder compared with JSON.parse and
 * JSON.stringify. `node --conditions=weir-source bench/records.ts [FILE [ROUNDS]]`; the file is NDJSON.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Decoder } from "../src/decode/decoder.ts";
import { type Event, jsonOf } from "../src/event.ts";
import { soundData } from "../src/sound-data.ts";

const [path = fileURLToPath(new URL("../examples/audit-sample.log", import.meta.url)), rounds = "40"] =
  process.argv.slice(2);
const file = readFileSync(path);
const block = Buffer.concat(Array.from({ length: Math.ceil(16_000_000 / file.length) }, () => file));
const blockSize = 256 * 1024;

/** Decodes the whole block, and passes on each event. */
const decode = (dataRead: "all" | "parts" | "none", take: (event: Event) => unknown): void => {
  const decoder = new Decoder("in", "s", { codec: "json", framing: "newline", maxLine: 1 << 24, dataRead });
  const handlers = { event: take, failure: () => undefined };
  for (let at = 0; at < block.length; at += blockSize)
    decoder.push(block.subarray(at, at + blockSize), at, 1, handlers);
};

/** The plain loop that the others are compared with. */
const plain = (take: (data: unknown) => unknown): void => {
  for (let start = 0, end = block.indexOf(10); end >= 0; start = end + 1, end = block.indexOf(10, start)) {
    try {
      take(JSON.parse(block.toString("utf8", start, end)));
    } catch {
      // One line of the sample is not JSON.
    }
  }
};

let written = 0;
const write = (event: Event) => {
  written += (jsonOf(event) as string).length;
};

const ways: Readonly<Record<string, () => void>> = {
  "plain loop: JSON.parse": () => plain(() => undefined),
  "plain loop: JSON.parse, JSON.stringify": () =>
    plain((data) => {
      written += JSON.stringify(data).length;
    }),
  "decoder: parsed, nothing written": () => decode("all", () => undefined),
  "decoder: parsed, written by JSON.stringify": () =>
    decode("all", ({ data }) => {
      written += JSON.stringify(data).length;
    }),
  "decoder: parsed, record's text written": () => decode("all", write),
  "decoder: checked, record's text written": () => decode("none", write),
  "decoder: parsed, soundData of it": () => decode("all", ({ data }) => soundData(data)),
  "decoder: parsed, soundData of it and of a copy with another member": () =>
    decode("all", ({ data }) => {
      soundData(data);
      soundData({ ...data, labels: ["a"] });
    }),
};

// In turns, so that all run under the same conditions. The best round of each is the least disturbed one.
const best = new Map(Object.keys(ways).map((name) => [name, Number.POSITIVE_INFINITY]));
for (let round = 0; round < Number(rounds); round++)
  for (const [name, run] of Object.entries(ways)) {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    best.set(name, Math.min(best.get(name)!, (user + system) / 1e6));
  }
let records = 0;
decode("none", () => records++);
console.log(`${records} records of ${Math.round(block.length / records)} bytes; ${written} characters written`);
for (const [name, seconds] of best) {
  const nanoseconds = Math.round((seconds / records) * 1e9);
  console.log(`${name.padEnd(68)} ${Math.round(block.length / seconds / 1e6)} MB/s  ${nanoseconds} ns`);
}
