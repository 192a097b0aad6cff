import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Plugin } from "weir";
import { flaws } from "weir/testing";
import stdin from "./stdin.ts";

/** Reads its standard input through the source and prints the readings; `stop` is aborted after `stopAfter` ms. */
const program = (stopAfter: number) => `
import stdin from ${JSON.stringify(new URL("./stdin.ts", import.meta.url).href)};
const stop = new AbortController();
if (${stopAfter} > 0) setTimeout(() => stop.abort(), ${stopAfter});
const clock = { now: () => 7, sleep: async () => {} };
const checkpoints = new Map([["old", { position: 5, detail: null }]]);
for await (const { bytes, ...rest } of stdin.read({ id: "in", config: {}, clock, signal: stop.signal, checkpoints }))
  console.log(JSON.stringify({ ...rest, text: Buffer.from(bytes).toString() }));
`;

const start = (stopAfter: number) => {
  const child = spawn(process.execPath, ["--conditions=weir-source", "--input-type=module", "-e", program(stopAfter)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  return {
    input: child.stdin,
    readings: text(child.stdout).then((lines) =>
      lines
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ),
  };
};

it("is well formed", () => expect(flaws(stdin as Plugin)).toEqual([]));

it("reads the input to its end as one stream, and forgets the streams of earlier runs", async () => {
  const { input, readings } = start(0);
  input.write("one\ntw");
  await sleep(300);
  input.end("o\nthree");
  const [old, ...rest] = await readings;
  expect(old).toEqual({ stream: "old", position: 5, text: "", forget: true });
  expect(rest.map(({ text }) => text).join("")).toBe("one\ntwo\nthree");
  expect(new Set(rest.map(({ stream }) => stream)).size).toBe(1);
  expect(rest.at(-1)).toMatchObject({ position: 13, text: "", end: true });
  for (const [at, reading] of rest.entries())
    expect(reading.position).toBe(rest.slice(0, at).reduce((sum, { text }) => sum + text.length, 0));
});

it("stops waiting for input when it is stopped", async () => {
  const { readings } = start(200);
  expect(await readings).toHaveLength(1);
});
