import fc from "fast-check";
import { expect, it } from "vitest";
import { type DecodeFailure, Decoder } from "../decode/decoder.ts";
import type { Event } from "../event.ts";
import { openEnvelope } from "./envelope.ts";

const opened = (message: string) => {
  const envelope = openEnvelope(Buffer.from(message));
  return envelope && { id: envelope.id, events: envelope.events.toString("utf8").trim() };
};

const space = fc.constantFrom("", " ", "\n\t ");
const id = fc.oneof(fc.integer(), fc.string({ maxLength: 20 }));
const events = fc.array(fc.dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }));
const others = fc.dictionary(
  fc.string({ maxLength: 6 }).filter((name) => name !== "id" && name !== "events"),
  fc.jsonValue({ maxDepth: 2 }),
  { maxKeys: 3 },
);

it("finds id and events wherever they stand, however the JSON is spaced", () => {
  fc.assert(
    fc.property(
      id,
      events,
      others,
      fc.nat(2),
      fc.array(space, { minLength: 30, maxLength: 30 }),
      (id, events, others, turn, spaces) => {
        const members = [["id", id], ["events", events], ...Object.entries(others)];
        const turned = [...members.slice(turn), ...members.slice(0, turn)];
        let next = 0;
        const gap = () => spaces[next++ % spaces.length]!;
        const text = turned.map(
          ([name, value]) => `${gap()}${JSON.stringify(name)}${gap()}:${gap()}${JSON.stringify(value)}${gap()}`,
        );
        const found = opened(`${gap()}{${text.join(",")}}${gap()}`);
        expect(found).toEqual({ id: JSON.stringify(id), events: JSON.stringify(events) });
      },
    ),
  );
});

it("is undefined for whatever is no object with an id and events", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.json().map((text) => text.slice(0, -1)),
      ),
      (text) => {
        let value: unknown;
        try {
          value = JSON.parse(text);
        } catch {
          // Broken JSON may look like an envelope from outside; its events are judged by the decoder.
          openEnvelope(Buffer.from(text));
          return;
        }
        const isOne =
          typeof value === "object" && value !== null && Object.hasOwn(value, "id") && Object.hasOwn(value, "events");
        expect(opened(text) === undefined).toBe(
          !isOne || !["string", "number"].includes(typeof (value as { id: unknown }).id),
        );
      },
    ),
  );
});

it.each([
  ['{"id": null, "events": []}', "an id that is neither a number nor a text"],
  ['{"id": {"a": 1}, "events": []}', "an id that is an object"],
  [`{"id": "${"x".repeat(300)}", "events": []}`, "an id that is too long to be sent back"],
  ['{"events": [], "id": 1', "one that is cut within its id"],
  ['{"events": [{"id": 1}]}', "one whose events have ids, and not itself"],
  ["{id: 1, events: []}", "names without quotes"],
])("is undefined for %s: %s", (message) => expect(opened(message)).toBeUndefined());

it("reports events without an id that can go back, and of nothing else", () => {
  const long = JSON.stringify("x".repeat(255));
  const ids: (string | undefined)[] = [];
  const open = (message: string) => openEnvelope(Buffer.from(message), (id) => ids.push(id));
  for (const id of ["null", "true", '{"a": 1}', long]) open(`{"id": ${id}, "events": []}`);
  open('{"events": []}');
  expect(ids).toEqual(["null", "true", '{"a": 1}', long, undefined]);
  for (const plain of ['{"id": null}', "[]", "not JSON", '{"n": 1}']) open(plain);
  for (const id of ["17", `"${"x".repeat(254)}"`]) expect(open(`{"id": ${id}, "events": []}`)).toMatchObject({ id });
  expect(ids.length).toBe(5);
});

it.each([
  ['{"id": 1, "events": [{"n": 1}, {"n', '[{"n": 1}, {"n'],
  ['{"id": 1, "events": [{"n": "x}, {"n": 2}]}', '[{"n": "x}, {"n": 2}]}'],
  ['{"id": 1, "events": []} {"id": 2, "events": []}', '[]\n} {"id": 2, "events": []}'],
  ['{"id": 1, "events": [{"n": 1}]', '[{"n": 1}]\n{"id": 1, "events":'],
  ['{"id": 1, "events": ', '{"id": 1, "events":'],
])("of %s, which is not whole, all that is left is events", (message, events) =>
  expect(opened(message)).toEqual({ id: "1", events }),
);

it("takes all events of a message that has them twice", () =>
  expect(opened('{"id": 1, "events": [{"n": 1}], "events": [{"n": 2}]}')?.events).toBe('[{"n": 1}]\n[{"n": 2}]'));

/** What the source makes of a message. */
const taken = (message: Buffer) => {
  const events: unknown[] = [];
  const letters: string[] = [];
  const handlers = {
    event: ({ data }: Event) => void events.push(data),
    failure: ({ head }: DecodeFailure) => void letters.push(head.toString("latin1")),
  };
  const decoder = new Decoder("in", "s", { codec: "json", framing: "items", maxLine: 1 << 20 });
  decoder.push(openEnvelope(message)?.events ?? message, 0, 1, handlers);
  decoder.end(1, handlers);
  return { events, letters };
};

const item = fc
  .tuple(fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }), fc.nat())
  .map(([data, n]): Record<string, unknown> => ({ ...data, n }));

/** An envelope's text: its members in any order. */
const envelopeText = (items: readonly unknown[], others: object, id: unknown, turn: number, indent: number): string => {
  const members = Object.entries({ id, events: items, ...others });
  return JSON.stringify(Object.fromEntries([...members.slice(turn), ...members.slice(0, turn)]), null, indent);
};

const anEnvelope = [fc.array(item, { maxLength: 5 }), others, id, fc.nat(2), fc.constantFrom(0, 1)] as const;
const garbage = fc.oneof(
  fc.constant(""),
  fc.string({ unit: fc.constantFrom(...'{}[],:"\\ ae1'), minLength: 1 }),
  fc.string({ minLength: 1 }),
);

it("loses no item of a message that is cut at any byte, whatever stands after the cut", () => {
  fc.assert(
    fc.property(...anEnvelope, fc.nat(), garbage, (items, others, id, turn, indent, at, garbage) => {
      const text = Buffer.from(envelopeText(items, others, id, turn, indent));
      const cut = text.subarray(0, at % (text.length + 1));
      const message = Buffer.concat([cut, Buffer.from(garbage)]);
      const { events, letters } = taken(message);
      // All in one piece: an item that is no event is found in it as it was sent.
      const left = letters.join("\n");
      // By itself, or in the envelope, when what stands after the cut makes that an event.
      const seen = events.map((event) => JSON.stringify(event));
      // What was cut off may be an item again with what stands after the cut, though another one.
      const whole = new Set(items.map((sent) => JSON.stringify(sent)));
      const isMended = seen.some((event) => !whole.has(event));
      let from = text.indexOf('"events":');
      for (const sent of items) {
        const bytes = itemText(sent, indent);
        const start = text.indexOf(bytes, from);
        from = start + bytes.length;
        const part = message.subarray(start, Math.min(from, cut.length)).toString("latin1");
        const isTaken =
          seen.join().includes(JSON.stringify(sent)) || left.includes(part) || (from > cut.length && isMended);
        if (start < cut.length) expect(isTaken).toBe(true);
      }
      // A message that is whole has no dead letter, and one that is not has at least one.
      const isWhole = cut.length === text.length && garbage.trim() === "";
      if (isWhole) expect({ seen, letters }).toEqual({ seen: items.map((sent) => JSON.stringify(sent)), letters: [] });
      else if (garbage === "" && cut.length > 0) expect(letters).not.toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

/** An item as it stands in the text of an envelope. */
const itemText = (item: unknown, indent: number): string =>
  JSON.stringify([[item]], null, indent)
    .slice(1, -1)
    .trim()
    .slice(1, -1)
    .trim();
