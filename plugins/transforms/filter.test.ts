import { expect, it } from "vitest";
import { RecordMeta, systemClock } from "weir";
import { logRecorder, runStep } from "weir/testing";
import filter from "./filter.ts";

const context = { id: "keep", clock: systemClock, signal: new AbortController().signal, log: logRecorder() };

it("keeps the events that match `where`", () => {
  const step = filter.each({ ...context, config: { where: "door:(open or ajar) and not guard:*" } });
  const documents = [{ door: "open" }, { door: "shut" }, { door: ["ajar"], guard: "ann" }, {}];
  const events = documents.map((data, position) => ({ data, meta: new RecordMeta("test", "stream", position, 0) }));
  const sent = runStep(step, events);
  expect(sent.events).toEqual([events[0]]);
  expect(sent.consumed).toEqual({ filtered: 3 });
});
