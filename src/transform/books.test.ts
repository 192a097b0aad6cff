import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Event, withData } from "weir";
import { type Account, Batch } from "weir/rxjs";
import { testEvent } from "../testing/index.ts";
import { booksOf } from "./books.ts";

const came = Array.from({ length: 8 }, (_, index) => testEvent({ n: index }, { id: String(index) }));
const outputs = new Set(["a", "b"]);

/** What becomes of one event; a good operator does one of these to each. */
const fate = fc.oneof(
  fc.record({ to: fc.subarray(["default", "a", "b"], { minLength: 1 }), children: fc.nat(3) }),
  fc.record({
    end: fc.constantFrom("consumed" as const, "dropped" as const, "rejected" as const),
    reason: fc.constantFrom("x", "y"),
  }),
);
type Fate = typeof fate extends fc.Arbitrary<infer T> ? T : never;

interface Made {
  readonly lists: Record<string, Event[]>;
  readonly account: { [K in "consumed" | "dropped" | "rejected"]: { event: Event; reason: string; message: string }[] };
}

const made = (fates: readonly Fate[]): Made => {
  const lists: Record<string, Event[]> = { default: [], a: [], b: [] };
  const account: Made["account"] = { consumed: [], dropped: [], rejected: [] };
  for (const [index, fate] of fates.entries()) {
    const event = came[index]!;
    if ("end" in fate) account[fate.end].push({ event, reason: fate.reason, message: "" });
    else {
      const sent =
        fate.children === 0
          ? [withData(event, { changed: true })]
          : Array.from({ length: fate.children }, (_, child) => withData(event, {}, `${event.meta.id}/${child}`));
      for (const name of fate.to) lists[name]!.push(...sent);
    }
  }
  return { lists, account };
};

const books = ({ lists, account }: Made, arrived: readonly Event[]) =>
  booksOf(arrived, new Batch(arrived).with(lists, account as Account), outputs);

const fates = fc.array(fate, { minLength: 1, maxLength: came.length });
const tally = (ended: readonly { readonly reason: string }[]) => {
  const counts = Object.entries(Object.groupBy(ended, ({ reason }) => reason)).map(([reason, all]) => [
    reason,
    all?.length,
  ]);
  return counts.length === 0 ? undefined : Object.fromEntries(counts);
};

describe("the accounting of a batch", () => {
  it("balances when each event has exactly one result", () => {
    fc.assert(
      fc.property(fates, (fates) => {
        const what = made(fates);
        const sent = books(what, came.slice(0, fates.length));
        expect(sent.events).toEqual(what.lists["default"]);
        expect(Object.fromEntries(sent.to!)).toEqual({ a: what.lists["a"], b: what.lists["b"] });
        expect(sent.rejected).toEqual(what.account.rejected);
        expect([sent.consumed, sent.dropped]).toEqual([tally(what.account.consumed), tally(what.account.dropped)]);
      }),
    );
  });

  it("reports the first lost event and the number of lost events", () => {
    fc.assert(
      fc.property(fates, fc.integer({ min: 1, max: came.length }), (fates, count) => {
        const lost = Math.min(count, fates.length);
        const what = made(fates.map((fate, index) => (index < fates.length - lost ? fate : { to: [], children: 0 })));
        const first = came[fates.length - lost]!.meta.id;
        expect(() => books(what, came.slice(0, fates.length))).toThrow(
          `the operator lost ${lost} of the ${fates.length} events of a batch (first: "${first}"); `,
        );
      }),
    );
  });

  const [event] = came as [Event];
  const other = testEvent({}, { id: "other" });
  const end = (reason: string, of = event) => ({ event: of, reason, message: "" });
  it.each<[string, Record<string, unknown>, Account]>([
    ['the operator sent events to the output "c", which "outputs" does not declare', { c: [event] }, {}],
    ['the operator sent an object to the output "a"; send a list of events', { a: event }, {}],
    ['the operator sent the event "0" twice; give each copy its own id: ', { default: [event, event] }, {}],
    ["the operator sent nothing, which is not an event", { default: [undefined] }, {}],
    ["the operator sent an object, which is not an event", { default: [{ meta: event.meta }] }, {}],
    ['the operator sent the event "other", which was not made from an event of its batch', { default: [other] }, {}],
    ['the account lists the event "other", which was not', { default: [event] }, { dropped: [end("x", other)] }],
    ['the account lists the event "0" without a reason', {}, { consumed: [end("")] }],
    ['the account lists the event "0" as "x", but', { default: [event] }, { consumed: [end("x")] }],
    ['the account lists the event "0" as "y", but', {}, { consumed: [end("x")], dropped: [end("y")] }],
    ["the account lists null, which is not an event", {}, { dropped: [end("x", null as never)] }],
  ])("reports: %s", (message, lists, account) => {
    expect(() => booksOf([event], new Batch([event]).with(lists as never, account), outputs)).toThrow(message);
  });

  it("requires two results for an event that was received twice", () => {
    const twice = [event, event];
    const ask = (lists: Record<string, Event[]>, account: Account = {}) =>
      booksOf(twice, new Batch(twice).with(lists, account), outputs);
    expect(ask({ default: [event, event] }).events).toHaveLength(2);
    expect(ask({ default: [event] }, { dropped: [end("x")] }).dropped).toEqual({ x: 1 });
    expect(() => ask({ default: [event] })).toThrow("the operator lost 1 of the 2 events");
    expect(() => ask({ default: [event, event, event] })).toThrow('sent the event "0" twice');
    expect(() => ask({ default: [event, event] }, { dropped: [end("x")] })).toThrow("also sent on or listed again");
  });
});
