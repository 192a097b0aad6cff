import { expect, it } from "vitest";
import reduce from "../plugins/transforms/reduce/index.ts";
import { systemClock } from "../src/clock.ts";
import { testEvent } from "../src/testing/event.ts";
import { KeepRun } from "../src/testing/keep-run.ts";

it("reduce sends each group under its own id, also if the same event begins several", () => {
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const signal = new AbortController().signal;
  const config = { by: [], pause: 1000, max_events: 2, max_size: 10_000, merge: {} };
  const run = new KeepRun({
    id: "it",
    outputs: [],
    build: (state) => reduce.keep({ id: "it", clock: systemClock, signal, log, state, config }),
  });
  for (let round = 0; round < 2; round++) {
    const at = 10_000 * (1 + round);
    run.batch(["a", "b", "a"].map((id) => testEvent({ id }, { at, id })));
    run.tick({ tick: at + 2000 });
    run.restart();
  }
  const ids = run.result.sent.map(({ event }) => event.meta.id);
  expect(ids).toHaveLength(4);
  expect(new Set(ids).size).toBe(4);
});
