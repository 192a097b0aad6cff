import { expect, it } from "vitest";
import { logRecorder, RecordMeta, runStep, systemClock } from "weir/testing";
import filter from "./filter.ts";

const context = { id: "keep", clock: systemClock, signal: new AbortController().signal, log: logRecorder() };
const stepOf = (where: string, more: Partial<Parameters<typeof filter.each>[0]["config"]> = {}) =>
  filter.each({ ...context, config: { where, ...more } });
const eventsOf = (...documents: readonly Record<string, unknown>[]) =>
  documents.map((data, position) => ({ data, meta: new RecordMeta("test", "stream", position, 0) }));

it("keeps the events that match `where`", () => {
  const events = eventsOf({ door: "open" }, { door: "shut" }, { door: ["ajar"], guard: "ann" }, {});
  const sent = runStep(stepOf("door:(open or ajar) and not guard:*"), events);
  expect(sent.events).toEqual([events[0]]);
  expect(sent.events[0]).toBe(events[0]);
  expect(sent.consumed).toEqual({ filtered: 3 });
});

it("reports what is wrong with the query when it is built", () => {
  expect(() => stepOf("source.ip:nobody")).toThrow('"nobody" does not fit the field "source.ip"');
});

it("compares by the types in `fields`, and searches `default_fields`", () => {
  const events = eventsOf(
    { app: { version: "1.10.0" }, message: "Connection refused" },
    { app: { version: "1.9.0" }, message: "Connection refused" },
    { app: { version: "1.10.0" }, message: "refused" },
  );
  const step = stepOf('app.version > 1.9.0 and "connection refused"', {
    fields: { "app.version": "version" },
    default_fields: ["message"],
  });
  expect(runStep(step, events).events).toEqual([events[0]]);
});

it("takes `now` as the time of ingestion, so that a repeated run keeps the same events", () => {
  const ingested = Date.UTC(2026, 0, 10, 12);
  const events = ["2026-01-09T23:59:59Z", "2026-01-10", "2026-01-10T13:00:00Z"].map((created, position) => ({
    data: { event: { created } },
    meta: new RecordMeta("test", "stream", position, ingested),
  }));
  const step = stepOf("event.created >= now/d and event.created < now");
  expect(runStep(step, events).events).toEqual([events[1]]);
  expect(runStep(step, events).events).toEqual([events[1]]);
});
