import { from, lastValueFrom, toArray } from "rxjs";
import { expect, it } from "vitest";
import { Batch } from "../batch.ts";
import { RecordMeta } from "../event.ts";
import { kqlFilter } from "./kql-filter.ts";

const event = (data: Record<string, unknown>, position: number) => ({
  data,
  meta: new RecordMeta("test", "stream", position, 0),
});

it("keeps what matches and accounts for the rest, batch by batch", async () => {
  const batches = [
    new Batch([event({ ship: "Vega" }, 0), event({ ship: "Lyra" }, 1), event({}, 2)]),
    new Batch([event({ ship: "Lyra" }, 3)]),
  ];
  const out = await lastValueFrom(from(batches).pipe(kqlFilter("ship:V*"), toArray()));
  expect(out.map((batch) => batch.events)).toEqual([[batches[0]!.events[0]], []]);
  expect(out.map((batch) => batch.account?.consumed)).toEqual([{ filtered: 2 }, { filtered: 1 }]);
});

it("takes the types of fields", async () => {
  const batch = new Batch([event({ ship: "The Vega" }, 0)]);
  const operator = kqlFilter("ship:vega", { fields: { ship: "text" } });
  expect((await lastValueFrom(from([batch]).pipe(operator))).events).toEqual(batch.events);
});

it("says at once what is wrong with the query", () => {
  expect(() => kqlFilter("source.ip:nobody")).toThrow('"nobody" does not fit the field "source.ip"');
});
