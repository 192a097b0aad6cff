import { describe, expect, it } from "vitest";
import { type Data, type Event, RejectError, withData } from "weir";
import { mapEvents } from "weir/rxjs";
import { RecordMeta } from "weir/testing";
import type { EachStep } from "../../src/transform/transform.ts";
import { eachOf, keeping, lines, numbers, startRun, temporaryDir, topology, transformOf } from "../runtime/harness.ts";
import {
  all,
  buildErrorOf,
  deadLetters,
  expectBalance,
  isDataChecked,
  type Planting,
  passing,
  replayed,
  runPlanted,
  values,
} from "./faults.ts";

const isBad = ({ data }: Event): boolean => Number(data["n"]) % 10 === 3;
const bad = all(70).filter((n) => n % 10 === 3);
const good = all(70).filter((n) => n % 10 !== 3);

/** A step that applies `fault` to every tenth event, and passes the others on. */
const faulty = (fault: (event: Event) => unknown): EachStep =>
  ((event) => (isBad(event) ? fault(event) : event)) as EachStep;

/**
 * Runs a step that does wrong by every tenth event: those are dead letters with the same reason and message, all others
 * are delivered, and after mending a replay delivers those too.
 */
const letterOf = async (fault: (event: Event) => unknown, planting: Planting = {}) => {
  const run = await runPlanted(eachOf(faulty(fault)), planting);
  expect(await run.runtime.ended).toEqual({ how: "finished" });
  expect(values(run.kept)).toEqual(good);
  expectBalance(run);
  const letters = deadLetters(run.dataDir);
  expect(letters.map(({ head }) => head["component"])).toEqual(bad.map(() => "t"));
  const { reason, message } = letters[0]!.head as { readonly reason: string; readonly message: string };
  expect(run.runtime.stats().components["t"]!.component_dead_letter_events_total).toEqual({ [reason]: bad.length });
  expect(values(await replayed(run.dataDir))).toEqual(bad);
  return { reason, message };
};

const wanted = 'return an event, a list of events, or a reason such as "filtered"';
const forged = "the transform returned an event whose meta weir did not create; use withData(event, …)";
describe("a step of each that", () => {
  const outcomes: Readonly<Record<string, readonly [fault: (event: Event) => unknown, says: string]>> = {
    "returns nothing": [() => undefined, `the transform returned nothing; ${wanted}`],
    "returns null": [() => null, `the transform returned null; ${wanted}`],
    "returns false, as a filter would": [() => false, `the transform returned a boolean; ${wanted}`],
    "returns a number": [() => 5, `the transform returned a number; ${wanted}`],
    "returns an empty list": [() => [], `the transform returned an empty list; ${wanted}`],
    "returns a list with a hole": [(event) => [event, undefined], `the transform returned nothing; ${wanted}`],
    "returns an empty string": [() => "", 'the transform gave "" as a reason; return a word such as "filtered"'],
    "returns its data": [({ data }) => data, `the transform returned an object that is not an event; ${wanted}`],
    "returns an empty object": [() => ({}), `the transform returned an object that is not an event; ${wanted}`],
    "returns outputs without events": [() => ({ events: [] }), `the transform returned an empty list; ${wanted}`],
    "returns null instead of a list": [() => ({ events: null }), `the transform returned null; ${wanted}`],
    "returns no outputs at all": [() => ({ to: null }), `the transform returned an empty list; ${wanted}`],
    "returns an event instead of a list": [
      (event) => ({ events: event }),
      `the transform returned an object that is not an event; ${wanted}`,
    ],
    "returns an event twice": [
      (event) => [event, event],
      "the transform returned the same event twice; give each copy its own id: withData(event, data, id)",
    ],
    "returns two events under one id": [
      (event) => [event, withData(event, { n: 0 })],
      "the transform returned the same event twice; give each copy its own id: withData(event, data, id)",
    ],
    "returns an unrelated event": [
      () => ({ data: { n: 1 }, meta: new RecordMeta("elsewhere", "s", 0, 0) }),
      'the transform returned the event "elsewhere/s@0", which was not made from the one it got; use withData(event, …)',
    ],
    "copies a meta": [({ data, meta }) => ({ data, meta: { ...meta } }), forged],
    "invents a meta": [({ data, meta }) => [{ data, meta: { id: "1", parent: meta } }], forged],
    "sends to an output that it does not declare": [
      (event) => ({ to: { errors: [event] } }),
      'the transform sent an event to the output "errors", which "outputs" does not declare',
    ],
    "gives a reason for an event that it sends": [
      (event) => ({ events: [event], consumed: "filtered" }),
      'the transform ended an event as "filtered", but also sent it on or rejected it; do only one',
    ],
    "gives two reasons": [
      () => ({ dropped: "sampled", consumed: "filtered" }),
      'the transform ended one event as "filtered" and "sampled"; give only one reason',
    ],
    "gives an empty reason": [
      () => ({ dropped: "" }),
      'the transform gave "" as a reason; return a word such as "filtered"',
    ],
    "rejects an event and sends it": [
      (event) => ({ events: [event], rejected: [{ event, reason: "odd", message: "It is odd." }] }),
      /^the transform rejected the event "in\/s@\d+" twice, or also sent it on; do only one$/.source,
    ],
    "rejects an event twice": [
      (event) => ({ rejected: [1, 2].map(() => ({ event, reason: "odd", message: "It is odd." })) }),
      /^the transform rejected the event "in\/s@\d+" twice, or also sent it on; do only one$/.source,
    ],
    "rejects nothing": [() => ({ rejected: [undefined] }), `the transform returned nothing; ${wanted}`],
    "rejects without a list": [
      (event) => ({ rejected: { event, reason: "odd", message: "It is odd." } }),
      'the transform returned an object as "rejected"; it must be a list',
    ],
    "rejects with null": [() => ({ rejected: null }), 'the transform returned null as "rejected"; it must be a list'],
    "rejects without a reason": [
      (event) => ({ rejected: [{ event, message: "It is odd." }] }),
      'the transform gave nothing as a reason; return a word such as "filtered"',
    ],
    "rejects without a message": [
      (event) => ({ rejected: [{ event, reason: "odd" }] }),
      "the transform rejected an event without a message; a rejection needs an event, a reason and a message",
    ],
  };
  for (const [fault, [step, says]] of Object.entries(outcomes))
    it(`${fault} sends its event to the dead letter, with a message`, async () => {
      const { reason, message } = await letterOf(step);
      expect(reason).toBe("wrong_outcome");
      if (says.startsWith("^")) expect(message).toMatch(new RegExp(says));
      else expect(message).toBe(says);
    });

  it("returns an earlier event sends its event to the dead letter, with a message", async () => {
    let kept: Event | undefined;
    const run = await runPlanted(
      eachOf((event) => {
        kept ??= event;
        return isBad(event) ? kept : event;
      }),
    );
    expect(await run.runtime.ended).toEqual({ how: "finished" });
    expect(values(run.kept)).toEqual(good);
    expect(deadLetters(run.dataDir)[0]!.head).toMatchObject({
      reason: "wrong_outcome",
      message:
        'the transform returned the event "in/s@0", which was not made from the one it got; use withData(event, …)',
    });
    expect(values(await replayed(run.dataDir))).toEqual(bad);
    expectBalance(run);
  });

  const thrown: Readonly<Record<string, readonly [fault: () => unknown, reason: string, message: string]>> = {
    "throws an error": [() => raise(new Error("no way on")), "transform_error", "no way on"],
    "throws a string": [() => raise("no way on"), "transform_error", "no way on"],
    "throws nothing": [() => raise(undefined), "transform_error", "undefined"],
    "throws an object without a prototype": [
      () => raise(Object.create(null)),
      "transform_error",
      "the transform threw an object that is not an error",
    ],
    "rejects by throwing": [() => raise(new RejectError("odd_one", "not for us")), "odd_one", "not for us"],
    "throws the RejectError of another copy of the package": [
      () => raise(otherRejectError("odd_one", "not for us")),
      "odd_one",
      "not for us",
    ],
    "throws a RejectError with an invalid reason": [
      () => raise(new RejectError("Odd one!", "not for us")),
      "transform_error",
      "not for us",
    ],
    "returns a promise without async: true": [
      async () => raise(new Error("nobody hears it")),
      "transform_error",
      "the transform returned a promise; add `async: true` to its definition",
    ],
  };
  for (const [fault, [step, reason, message]] of Object.entries(thrown))
    it(`${fault} sends its event to the dead letter`, async () => {
      expect(await letterOf(step)).toEqual({ reason, message });
    });
});

const raise = (error: unknown): never => {
  throw error;
};

/** RejectError as another copy of this package defines it: another class with the same brand. */
const otherRejectError = (reason: string, message: string): Error =>
  Object.assign(new Error(message), { reason, [Symbol.for("weir.RejectError")]: true });

it("events made with another copy of the package count as made from their events", async () => {
  const withDataOf = (event: Event, data: Data, id: string): Event => {
    const { source, stream, position, ingested } = event.meta;
    const meta = { source, stream, position, ingested, id, parent: event.meta, [Symbol.for("weir.RecordMeta")]: true };
    return { data, meta };
  };
  const run = await runPlanted(eachOf((event) => withDataOf(event, event.data, `other/${event.data["n"]}`)));
  expect(await run.runtime.ended).toEqual({ how: "finished" });
  expect(values(run.kept)).toEqual(all(70));
  expect(run.kept[5]!.id).toBe("other/5");
});

describe("a bulk step that", () => {
  const wrong: Readonly<Record<string, readonly [bulk: (events: readonly Event[]) => unknown, message: RegExp]>> = {
    "returns too few results": [
      (events) => events.slice(1),
      /^the transform returned 6 results for 7 events; return one result for each event, in order$/,
    ],
    "returns too many": [(events) => [...events, "more"], /^the transform returned 8 results for 7 events/],
    "returns nothing": [() => undefined, /^the transform returned nothing instead of a list for 7 events/],
    "returns a string": [() => "filtered", /^the transform returned a string instead of a list for 7 events/],
    "returns results in another order": [(events) => events.toReversed(), /which was not made from the one it got/],
  };
  for (const [fault, [bulk, says]] of Object.entries(wrong))
    it(`${fault} sends the events of the batch to the dead letter`, async () => {
      const run = await runPlanted(eachOf({ bulk: bulk as never }), { records: numbers(7) });
      expect(await run.runtime.ended).toEqual({ how: "finished" });
      expectBalance(run);
      const letters = deadLetters(run.dataDir);
      expect(new Set(letters.map(({ head }) => head["reason"]))).toEqual(new Set(["wrong_outcome"]));
      expect(letters[0]!.head["message"]).toMatch(says);
      expect([...values(run.kept), ...values(await replayed(run.dataDir))].map(Number).sort((a, b) => a - b)).toEqual(
        all(7),
      );
    });

  it("throws sends the events of the batch to the dead letter", async () => {
    const run = await runPlanted(eachOf({ bulk: () => raise(new Error("too many")) }), { records: numbers(7) });
    expect(await run.runtime.ended).toEqual({ how: "finished" });
    expect(deadLetters(run.dataDir).map(({ head }) => head["message"])).toEqual(all(7).map(() => "too many"));
    expect(values(await replayed(run.dataDir))).toEqual(all(7));
  });
});

describe("a lifted function in create that", () => {
  it("throws sends its event to the dead letter, in the commit of its batch", async () => {
    const run = await runPlanted(
      transformOf(() => mapEvents((event) => (isBad(event) ? raise(new Error("three")) : event))),
    );
    expect(await run.runtime.ended).toEqual({ how: "finished" });
    expect(values(run.kept)).toEqual(good);
    expect(values(await replayed(run.dataDir))).toEqual(bad);
  });

  for (const [way, outcome] of Object.entries({
    nothing: undefined,
    "an object": {},
    "an empty list": [],
    "a number": 5,
  }))
    it(`returns ${way} sends its event to the dead letter, as in each`, async () => {
      const run = await runPlanted(transformOf(() => mapEvents((event) => (isBad(event) ? outcome : event) as never)));
      expect(await run.runtime.ended).toEqual({ how: "finished" });
      expect(values(run.kept)).toEqual(good);
      expect(deadLetters(run.dataDir)[0]!.head).toMatchObject({ component: "t", reason: "wrong_outcome" });
      expect(values(await replayed(run.dataDir))).toEqual(bad);
    });
});

describe("a plugin that cannot be built is named if it", () => {
  const wrong: Readonly<Record<string, readonly [plugin: object, says: string]>> = {
    "returns no step": [
      { each: () => undefined },
      'each of the plugin "p" returned nothing; it must return a function, or an object with bulk(events)',
    ],
    "returns a promise of a step": [
      { each: async () => () => "x" },
      'each of the plugin "p" returned an object; it must return a function, or an object with bulk(events)',
    ],
    throws: [{ each: () => raise(new Error("no such zone")) }, "no such zone"],
    "throws a string": [{ each: () => raise("no such zone") }, "no such zone"],
    "has no shape": [
      {},
      'the plugin "p" defines none of "each", "keep" and "create"; a transform must define exactly one',
    ],
    "has two shapes": [
      { each: () => () => "x", keep: () => () => "x" },
      'the plugin "p" defines more than one of "each", "keep" and "create"; a transform must define exactly one',
    ],
  };
  for (const [fault, [shape, says]] of Object.entries(wrong))
    it(fault, async () => {
      const plugin = { kind: "transform", name: "p", summary: "P.", options: {}, ...shape };
      expect(await buildErrorOf(plugin as never)).toBe(`"t" could not be built: ${says}`);
    });
});

it("an event cannot be changed in place: it goes to the dead letter, and no other branch sees the change", async () => {
  const [bare, other] = [keeping(), keeping()];
  const dataDir = temporaryDir();
  const mutating = eachOf((event) => (isBad(event) ? Object.assign(event, { data: { n: "hidden" } }) : event));
  const plan = topology({
    in: [lines(numbers(70))],
    t: [mutating, ["in"]],
    passing: [passing, ["in"]],
    out: [bare.plugin, ["t"]],
    other: [other.plugin, ["passing"]],
  });
  const { runtime } = await startRun(plan, dataDir);
  expect(await runtime.ended).toEqual({ how: "finished" });
  expect(values(other.kept)).toEqual(all(70));
  expect(values(bare.kept)).toEqual(good);
  expect(deadLetters(dataDir)[0]!.head).toMatchObject({
    component: "t",
    reason: "transform_error",
    message: expect.stringMatching(/read only property 'data' .*Events are frozen: make a copy, such as withData/),
  });
  expectBalance({ runtime });
});

describe.runIf(isDataChecked)("data", () => {
  const frozen = /Events are frozen: make a copy, such as withData\(event, \{ \.\.\.event\.data, … \}\)\.$/;
  const mutations: Readonly<Record<string, (event: Event) => unknown>> = {
    "sets a field": ({ data }) => Object.assign(data, { n: 1 }),
    "deletes a field": ({ data }) =>
      Reflect.deleteProperty(data, "n") || raise(new TypeError("Cannot delete property")),
    "sets a field within": ({ data }) => Object.assign(data["of"] as object, { deep: 1 }),
    "adds to a list": ({ data }) => (data["list"] as number[]).push(4),
  };
  for (const [way, mutate] of Object.entries(mutations))
    it(`cannot be changed in place by a step that ${way}: its event goes to the dead letter, and no other branch sees it`, async () => {
      const records = numbers(70).map(({ n }) => ({ n, of: { deep: n }, list: [n] }));
      const other = keeping();
      const bare = keeping();
      const dataDir = temporaryDir();
      const mutating = eachOf((event) => {
        if (isBad(event)) mutate(event);
        return event;
      });
      const plan = topology({
        in: [lines(records)],
        t: [mutating, ["in"]],
        passing: [passing, ["in"]],
        out: [bare.plugin, ["t"]],
        other: [other.plugin, ["passing"]],
      });
      const { runtime } = await startRun(plan, dataDir);
      expect(await runtime.ended).toEqual({ how: "finished" });
      expect(other.kept.map(({ data }) => data)).toEqual(records);
      expect(values(bare.kept)).toEqual(good);
      expect(deadLetters(dataDir)[0]!.head["message"]).toMatch(frozen);
      expectBalance({ runtime });
    });

  it("that is one object for all events is refused when it is changed", async () => {
    const shared = { count: 0 };
    const counting = eachOf((event) => {
      shared.count++;
      return withData(event, shared);
    });
    const run = await runPlanted(counting, { records: numbers(3) });
    expect(await run.runtime.ended).toEqual({ how: "finished" });
    expect(run.kept.map(({ data }) => data)).toEqual([{ count: 1 }]);
    expect(deadLetters(run.dataDir)).toHaveLength(2);
    expectBalance(run);
  });

  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const unsound: Readonly<Record<string, unknown>> = {
    "a BigInt": 5n,
    "a Date": new Date(0),
    itself: circular,
    "not a number": Number.NaN,
    "a function": () => 5,
    "a Map": new Map(),
  };
  for (const [what, value] of Object.entries(unsound))
    it(`with ${what} in it goes to the dead letter, under the component that made it`, async () => {
      const { reason, message } = await letterOf((event) => withData(event, { ...event.data, value }));
      expect(reason).toBe("wrong_outcome");
      expect(message).toMatch(/^the transform returned an event that is not JSON: the value at ".*value.*" \S/);
    });
});
