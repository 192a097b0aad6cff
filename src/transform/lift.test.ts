import { lastValueFrom, of } from "rxjs";
import { expect, it } from "vitest";
import { type Event, withData } from "weir";
import { Batch, flatMapEvents } from "weir/rxjs";
import { testEvent } from "../testing/index.ts";

const lift = (step: (event: Event) => unknown, ...events: Event[]) =>
  lastValueFrom(of(new Batch(events)).pipe(flatMapEvents(step as never)));

const event = testEvent({ n: 1 }, { id: "1" });
const wrong = (found: string) =>
  `the transform returned ${found}; return an event, a list of events, or a reason such as "filtered"`;

it.each([
  ["nothing", undefined],
  ["null", null],
  ["a number", 7],
  ["an empty list", []],
  ["a promise", Promise.resolve(event)],
  ["a string", { events: [event], to: { rest: "x" } }],
  ["an object that is not an event", { to: { rest: {} } }],
])("%s is not a valid result: its event goes to the dead letter, and no part of it is sent", async (found, outcome) => {
  const { events, outputs, account } = await lift(() => outcome, event);
  expect([events, outputs]).toEqual([[], {}]);
  expect(account.rejected).toEqual([{ event, reason: "wrong_outcome", message: wrong(found) }]);
});

it("sends to outputs, rejects parts, and lists the events that end", async () => {
  const other = testEvent({ n: 2 }, { id: "2" });
  const part = withData(event, { part: true }, "1/part");
  const rejected = [{ event: part, reason: "odd", message: "is odd" }];
  const step = (one: Event) => (one === event ? { events: [one], to: { copy: [one] }, rejected } : { dropped: "even" });
  const { events, outputs, account } = await lift(step, event, other);
  expect([events, outputs]).toEqual([[event], { copy: [event] }]);
  expect(account).toMatchObject({ consumed: [], dropped: [{ event: other, reason: "even" }], rejected });
});
