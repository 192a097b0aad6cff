import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExactNumber } from "./exact-number.ts";
import { maxDepth } from "./json.ts";
import { soundData } from "./sound-data.ts";

/** Whether JSON can represent a value, by plain recursion; `undefined` is allowed as a member. */
const isSound = (value: unknown, depth = 1, above: readonly unknown[] = []): boolean => {
  if (typeof value === "number") return Number.isFinite(value);
  if (value instanceof ExactNumber) return true;
  if (typeof value !== "object" || value === null) return ["string", "boolean", "object"].includes(typeof value);
  if (depth > maxDepth || above.includes(value)) return false;
  const isArray = Array.isArray(value);
  if (Object.getPrototypeOf(value) !== (isArray ? Array.prototype : Object.prototype)) return false;
  const members = isArray ? Array.from({ length: value.length }, (_, index) => String(index)) : Object.keys(value);
  return members.every((name) => {
    const descriptor = Object.getOwnPropertyDescriptor(value, name);
    if (descriptor?.get || descriptor?.set) return false;
    const member: unknown = descriptor?.value;
    return (member === undefined && !isArray) || isSound(member, depth + 1, [...above, value]);
  });
};

const isDeepFrozen = (value: unknown): boolean =>
  typeof value !== "object" || value === null || (Object.isFrozen(value) && Object.values(value).every(isDeepFrozen));

const leaf = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.oneof(
      fc.string(),
      fc.boolean(),
      fc.constant(new ExactNumber("1e400")),
      fc.constant(null),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
  },
  fc.constantFrom<unknown>(undefined, Number.NaN, Number.POSITIVE_INFINITY, 7n, Symbol("s"), () => 1),
  fc
    .constantFrom<() => unknown>(
      () => new Date(0),
      () => new Map(),
      () => new Uint8Array(2),
      () => Object.create({ inherited: 1 }),
      () => Object.defineProperty({}, "x", { get: () => 1, enumerable: true }),
      () => new Array(2),
    )
    .map((make) => make()),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: "data" },
    leaf,
    fc.array(tie("value"), { maxLength: 4, depthIdentifier: "data" }),
    fc.dictionary(fc.string({ maxLength: 3 }), tie("value"), {
      maxKeys: 4,
      noNullPrototype: true,
      depthIdentifier: "data",
    }),
  ),
}));
const data = fc.dictionary(fc.string({ maxLength: 3 }), value, { maxKeys: 4, noNullPrototype: true });

const nested = (levels: number): Record<string, unknown> => {
  let value: Record<string, unknown> = {};
  for (let level = 1; level < levels; level++) value = { a: value };
  return value;
};

describe("soundData", () => {
  it("finds what plain recursion finds, and freezes everything that is sound", () => {
    fc.assert(
      fc.property(data, (data) => {
        const expected = isSound(data);
        expect(soundData(data) === undefined).toBe(expected);
        if (expected) expect(isDeepFrozen(data)).toBe(true);
        expect(soundData(data) === undefined).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it("finds the same in data that contains parts it has visited, sound or not", () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { minLength: 1 }),
        (parts, picks) => {
          for (const part of parts) soundData({ part });
          const pick = (turn: number) => parts[picks[turn % picks.length]! % parts.length];
          const data = { first: pick(0), again: pick(0), list: [pick(1), { deeper: pick(2), same: pick(1) }] };
          expect(soundData(data) === undefined).toBe(isSound(data));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("finds circular references anywhere, and accepts a part that occurs twice", () => {
    fc.assert(
      fc.property(fc.nat({ max: 5 }), fc.nat({ max: 5 }), fc.boolean(), (length, back, isSeen) => {
        const chain = Array.from({ length: length + 1 }, (): Record<string, unknown> => ({ n: 1 }));
        for (let i = 1; i < chain.length; i++) chain[i - 1]!["next"] = chain[i];
        const shared = { x: [1] };
        if (isSeen) soundData(shared);
        chain.at(-1)!["shared"] = [shared, shared];
        expect(isSound(chain[0])).toBe(true);
        const circle = structuredClone(chain[0]!);
        expect(soundData(chain[0])).toBeUndefined();
        const links: Record<string, unknown>[] = [];
        for (let link = circle; link; link = link["next"] as Record<string, unknown>) links.push(link);
        links.at(-1)!["back"] = links[Math.min(back, links.length - 1)];
        for (let again = 0; again < 2; again++) expect(soundData(circle)).toContain("is a circular reference");
      }),
    );
  });

  it("accepts nesting up to the limit, also of parts that it has visited", () => {
    expect(soundData(nested(maxDepth))).toBeUndefined();
    expect(soundData(nested(maxDepth + 1))).toContain(`is nested deeper than ${maxDepth} levels`);
    expect(soundData(nested(200_000))).toContain("is nested deeper");
    const half = nested(maxDepth / 2);
    expect(soundData(half)).toBeUndefined();
    let wrapped: Record<string, unknown> = half;
    for (let level = maxDepth / 2; level < maxDepth; level++) wrapped = { a: wrapped };
    expect(soundData(wrapped)).toBeUndefined();
    expect(soundData({ list: [wrapped] })).toContain('the value at "list[0]" is nested deeper');
  });

  it("visits what other code froze, and freezes what is in it", () => {
    const inner = { list: [1] };
    expect(soundData(Object.freeze({ inner }))).toBeUndefined();
    expect(isDeepFrozen(inner)).toBe(true);
    expect(soundData(Object.freeze({ inner: { bad: 1n } }))).toContain('"inner.bad" is a BigInt');
  });

  it("accepts objects without a prototype, and from another realm", async () => {
    const { runInNewContext } = await import("node:vm");
    expect(soundData(Object.assign(Object.create(null), { a: 1 }))).toBeUndefined();
    expect(soundData({ other: runInNewContext("({ a: { b: {} } })") })).toBeUndefined();
  });

  it.each<[unknown, string]>([
    [{ user: { tags: ["a", "b", "c", 4n] } }, 'the value at "user.tags[3]" is a BigInt, which JSON does not have'],
    [{ "a b": { "": Number.NaN } }, 'the value at "["a b"][""]" is NaN, and JSON has finite numbers only'],
    [{ at: new Date(0) }, 'the value at "at" is a Date: only plain values can be written as JSON'],
    [{ list: [undefined] }, 'the value at "list[0]" is undefined, which a JSON array cannot hold'],
    [{ run: () => 1 }, 'the value at "run" is a function, which JSON does not have'],
    [new Map(), "the data is a Map: only plain values can be written as JSON"],
    [[1], "the data is an array; it must be a JSON object"],
    [
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error("closed");
          },
        },
      ),
      "the data cannot be read: closed",
    ],
  ])("says what and where: %#", (data, sentence) => expect(soundData(data)).toBe(sentence));

  it("calls no getter", () => {
    const trap = {
      get value() {
        return expect.unreachable();
      },
    };
    expect(soundData({ trap })).toBe(
      'the value at "trap.value" is a getter or a setter: only plain values can be written as JSON',
    );
  });
});
