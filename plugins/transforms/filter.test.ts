import { expect, it } from "vitest";
import { logRecorder, RecordMeta, runStep, systemClock } from "weir/testing";
import filter from "./filter.ts";

const context = { id: "keep", clock: systemClock, signal: new AbortController().signal, log: logRecorder() };
const stepOf = (where: string) => filter.each({ ...context, config: { where } });
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
