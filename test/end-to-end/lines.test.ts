import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readDeadLetters } from "../kill/dead-letters.ts";
import { expectConservation, expectEdge } from "./conservation.ts";
import { pipelineFile, readLines, readStats, runWeir, temporaryFolder } from "./weir.ts";

const kibibyte = 1024;

/** Runs a file from beginning to end through the pipeline source → sink. */
const runOver = async (write: (path: string) => void, source: Readonly<Record<string, unknown>> = {}) => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  write(path("in.log"));
  const pipeline = pipelineFile(folder, {
    sources: { lines: { type: "file", include: [path("in.log")], follow: false, ...source } },
    sinks: { kept: { type: "file", inputs: ["lines"], path: path("out.ndjson") } },
  });
  const args = ["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json")];
  expect((await runWeir(args)).code).toBe(0);
  const stats = readStats(path("stats.json"));
  expectConservation(stats);
  expectEdge(stats, ["lines"], "kept");
  const messages = readLines(path("out.ndjson")).map(({ message }) => message);
  return { messages, stats, letters: readDeadLetters(path("data")) };
};

it("an unterminated last line is a record, once the file is at its end", async () => {
  const { messages, stats } = await runOver((path) => writeFileSync(path, "one\r\ntwo\n\nthree"));
  expect(messages).toEqual(["one", "two", "three"]);
  expect(stats.components["lines"]!.component_received_events_total).toBe(3);
});

it("a line over max_line goes to the dead letter with its place and its head, and the next one is read", async () => {
  const lines = ["first", "ü".repeat(600), "between", "x".repeat(200 * kibibyte), "last", "y".repeat(1025)];
  const { messages, stats, letters } = await runOver((path) => writeFileSync(path, lines.join("\n")), {
    max_line: "1KiB",
  });
  expect(messages).toEqual(["first", "between", "last"]);
  const placeOf = (index: number) =>
    Buffer.byteLength(
      lines
        .slice(0, index)
        .map((line) => `${line}\n`)
        .join(""),
    );
  const placesAndHeads = letters.map(({ head: { reason, position }, data: { raw } }) => [
    reason,
    position,
    raw?.length,
  ]);
  expect(placesAndHeads).toEqual([
    ["line_too_long", placeOf(1), 600],
    ["line_too_long", placeOf(3), 64 * kibibyte],
    ["line_too_long", placeOf(5), 1025],
  ]);
  expect(letters.every(({ data: { raw } }, index) => lines[index * 2 + 1]!.startsWith(raw!))).toBe(true);
  expect(letters[1]!.head.message).toContain(`the record has ${200 * kibibyte} bytes, more than max_line (1024 bytes)`);
  expect(stats.components["lines"]!.component_dead_letter_events_total).toEqual({ line_too_long: 3 });
});

it("a line of 20 MiB is too long unless the pipeline says otherwise", async () => {
  const block = Buffer.alloc(kibibyte * kibibyte, "z");
  const { messages, letters } = await runOver((path) => {
    const fd = openSync(path, "w");
    writeSync(fd, "before\n");
    for (let written = 0; written < 20; written++) writeSync(fd, block);
    writeSync(fd, "\nafter\n");
    closeSync(fd);
  });
  expect(messages).toEqual(["before", "after"]);
  const placesAndHeads = letters.map(({ head: { reason, position }, data: { raw } }) => [
    reason,
    position,
    raw?.length,
  ]);
  expect(placesAndHeads).toEqual([["line_too_long", 7, 64 * kibibyte]]);
  expect(/^z+$/.test(letters[0]!.data.raw!)).toBe(true);
});
