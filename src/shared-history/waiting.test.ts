import { expect, it } from "vitest";
import { logRecorder } from "../testing/log.ts";
import { virtualClock } from "../virtual-clock.ts";
import { untilItAnswers } from "./waiting.ts";

it("logs each thing that keeps a store from answering once, also what comes to light later", async () => {
  const clock = virtualClock();
  const log = logRecorder();
  const failures = ["nothing is listening", "nothing is listening", "it has 3 partitions", "nothing is listening"];
  const done = untilItAnswers(
    "the store",
    async () => {
      const failure = failures.shift();
      if (failure !== undefined) throw new Error(failure);
      return ["has a flaw"];
    },
    { clock, log, signal: new AbortController().signal },
  );
  for (let waited = 0; waited < 4; waited++) await clock.advance(5_000);
  await done;
  expect(log.lines.map(({ message }) => message)).toEqual([
    "nothing is listening; weir retries, and reads no events until it succeeds",
    "it has 3 partitions; weir retries, and reads no events until it succeeds",
    "the store has a flaw",
    "the store answers",
  ]);
});
