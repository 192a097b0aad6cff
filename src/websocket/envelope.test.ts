import fc from "fast-check";
import { expect, it } from "vitest";
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

it.each([
  ['{"id": 1, "events": [{"n": 1}, {"n', '[{"n": 1}, {"n'],
  ['{"id": 1, "events": [{"n": "x}, {"n": 2}]}', '[{"n": "x}, {"n": 2}]}'],
  ['{"id": 1, "events": []} {"id": 2, "events": []}', '[]} {"id": 2, "events": []}'],
])("of %s, which is not whole, all that is left is events", (message, events) =>
  expect(opened(message)).toEqual({ id: "1", events }),
);
