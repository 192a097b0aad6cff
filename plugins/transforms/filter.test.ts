import { from, lastValueFrom } from "rxjs";
import { expect, it } from "vitest";
import { Batch, memoryState, RecordMeta, systemClock } from "weir";
import filter from "./filter.ts";

const quiet = () => undefined;
const context = {
  id: "keep",
  clock: systemClock,
  signal: new AbortController().signal,
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  state: memoryState(),
};

it("keeps the events that match `where`", async () => {
  const operator = filter.create({ ...context, config: { where: "door:(open or ajar) and not guard:*" } });
  const documents = [{ door: "open" }, { door: "shut" }, { door: ["ajar"], guard: "ann" }, {}];
  const events = documents.map((data, position) => ({ data, meta: new RecordMeta("test", "stream", position, 0) }));
  const batch = await lastValueFrom(from([new Batch(events)]).pipe(operator));
  expect(batch.events).toEqual([events[0]]);
  expect(batch.account?.consumed).toEqual({ filtered: 3 });
});
