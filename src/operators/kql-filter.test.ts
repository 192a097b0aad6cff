import { expect, it } from "vitest";
import { RecordMeta } from "../event.ts";
import { runStep } from "../transform/run-step.ts";
import { kqlFilter } from "./kql-filter.ts";

const event = (data: Record<string, unknown>, position: number) => ({
  data,
  meta: new RecordMeta("test", "stream", position, 0),
});

it("keeps what matches and accounts for the rest, event by event", () => {
  const [vega, lyra, nameless] = [event({ ship: "Vega" }, 0), event({ ship: "Lyra" }, 1), event({}, 2)];
  const step = kqlFilter("ship:V*");
  const [some, none] = [runStep(step, [vega, lyra, nameless]), runStep(step, [lyra])];
  expect([some.events, none.events]).toEqual([[vega], []]);
  expect(some.events[0]).toBe(vega);
  expect([some.consumed, none.consumed]).toEqual([{ filtered: 2 }, { filtered: 1 }]);
});

it("takes the types of fields", () => {
  const vega = event({ ship: "The Vega" }, 0);
  expect(runStep(kqlFilter("ship:vega", { fields: { ship: "text" } }), [vega]).events).toEqual([vega]);
});

it("says at once what is wrong with the query", () => {
  expect(() => kqlFilter("source.ip:nobody")).toThrow('"nobody" does not fit the field "source.ip"');
});
