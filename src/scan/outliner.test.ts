import fc from "fast-check";
import { expect, it } from "vitest";
import { wasmOutliner } from "./outliner.ts";

const outliner = wasmOutliner()!;

/** The members of a text's object by its outline, or undefined if it is not certain. */
const outlined = (text: string): (readonly [name: unknown, value: unknown])[] | undefined => {
  const length = outliner.record.write(text, "utf8");
  const indexes = outliner.outline(length);
  if (indexes < 0) return undefined;
  const part = (at: number) =>
    JSON.parse(outliner.record.toString("utf8", outliner.members[at], outliner.members[at + 1])) as unknown;
  return Array.from({ length: indexes / 4 }, (_, member) => [part(member * 4), part(member * 4 + 2)]);
};

const plain = fc.constantFrom("a", "b", "verb", "", "a name of more than sixteen bytes", "é", "10", "__proto__");
const { objects } = fc.letrec((tie) => ({
  objects: fc.dictionary(
    plain,
    fc.oneof(
      { maxDepth: 3 },
      fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null)),
      fc.array(tie("objects")),
      tie("objects"),
    ),
    { maxKeys: 6 },
  ),
}));

it("finds the members of every object without repeated names and escapes in names", () => {
  fc.assert(
    fc.property(objects, fc.constantFrom("", " ", "\t ", "  "), (object, gap) => {
      const text = JSON.stringify(object, null, gap);
      expect(outlined(text)).toEqual(Object.entries(JSON.parse(text) as object));
    }),
    { numRuns: 500 },
  );
});

it("is never certain of what JSON.parse refuses, what is no object, and what has a name twice", () => {
  const pieces = fc.constantFrom(
    ..."{}[]:,",
    '"a"',
    '"b"',
    '"a":1',
    '"\\u0061":1',
    "1",
    "-",
    "1e",
    "tru",
    "true",
    " ",
    "\n",
    "\0",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 9 }), (parts) => {
      const text = parts.join("");
      const found = outlined(text);
      if (found) expect(Object.entries(JSON.parse(text) as object)).toEqual(found);
    }),
    { numRuns: 2_000 },
  );
  for (const text of [
    '{"a":1,"b":{"c":1,"c":2}}',
    '{"a":1,"a":1}',
    '[{"a":1}]',
    '{"a":1}x',
    "",
    `${'{"a":'.repeat(61)}1${"}".repeat(61)}`,
  ])
    expect(outlined(text)).toBeUndefined();
});

it("forgets the names of the records before, and of objects that are closed", () => {
  for (let turn = 0; turn < 3; turn++)
    expect(outlined('{"a":{"b":1,"c":[{"b":2},{"b":3}]},"b":{"a":1}}')).toHaveLength(2);
});

it("gives no places of more members than fit", () => {
  const object = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`m${index}`, index]));
  expect(outlined(JSON.stringify(object))).toEqual([]);
  delete object["m64"];
  expect(outlined(JSON.stringify(object))).toEqual(Object.entries(object));
});
