import { expect, it } from "vitest";
import { logRecorder, memoryState, RecordMeta, runStep, systemClock } from "weir/testing";
import newTerms from "./new_terms.ts";

const state = { type: "disk", max_size: 1024, tls: {}, prefix: "", topic: "", disorder: 0 } as const;
const config = { fields: ["user"], window: 60_000, timestamp: "time", state };

it("passes an event whose combination is new on the configured time axis", () => {
  const built = newTerms.keep({
    id: "unusual",
    config,
    clock: systemClock,
    signal: new AbortController().signal,
    log: logRecorder(),
    state: memoryState(),
  });
  const step = typeof built === "function" ? built : built.event;
  const times = ["2026-04-02T10:00:00Z", "2026-04-02T10:01:00Z", "2026-04-02T10:02:00.001Z"];
  const events = times.map((time, position) => ({
    data: { user: "ada", time },
    meta: new RecordMeta("test", "stream", position, Date.UTC(2026, 3, 3)),
  }));
  const { events: sent, consumed, dropped, rejected, notes } = runStep(step, events);
  expect(sent.map(({ meta }) => meta.position)).toEqual([0, 2]);
  expect({ consumed, dropped, rejected, notes }).toEqual({ consumed: { known: 1 }, rejected: [] });
});

it("requires one to three fields, and defaults to seven days of ingestion time", () => {
  expect(newTerms.options.fields).toMatchObject({ minItems: 1, maxItems: 3 });
  expect(newTerms.options.window).toMatchObject({ default: "7d" });
  expect(newTerms.options.timestamp).toMatchObject({ default: "event.ingested" });
  expect(newTerms.learns).toBeTypeOf("function");
});
