import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fold } from "../eql/fold.ts";
import type { Scalar } from "../fields/types.ts";
import { allOf, always, anyOf, type FieldCondition, type Guard, without } from "./guard.ts";
import { GuardIndex } from "./guard-index.ts";

const words = [
  "",
  "get",
  "GET",
  "list",
  "kubectl/1.30",
  "curl/8 (KUBECTL)",
  "ſecret",
  "SECRET",
  "Kit",
  "kit",
  "ı",
  "I",
];
const word = fc.constantFrom(...words);
const path = fc.constantFrom("a", "b", "c.d", "__proto__");

const condition: fc.Arbitrary<FieldCondition> = fc.oneof(
  fc.tuple(path, fc.array(word, { minLength: 1, maxLength: 3 })).map(
    ([path, values]): FieldCondition => ({
      path,
      test: (value) => values.includes(String(value)),
      texts: { values, areFolded: false },
    }),
  ),
  fc.tuple(path, fc.array(word, { minLength: 1, maxLength: 3 })).map(([path, list]): FieldCondition => {
    const values = list.map(fold);
    return { path, test: (value) => values.includes(fold(String(value))), texts: { values, areFolded: true } };
  }),
  fc.tuple(path, fc.constantFrom("kubectl", "secret", "i", "k")).map(
    ([path, part]): FieldCondition => ({
      path,
      test: (value) => fold(String(value)).includes(part),
      parts: [part],
    }),
  ),
  fc.tuple(path, fc.nat(3)).map(([path, limit]): FieldCondition => ({ path, test: (value) => Number(value) > limit })),
);

const guard: fc.Arbitrary<Guard> = fc.array(fc.uniqueArray(condition, { maxLength: 3, selector: ({ path }) => path }), {
  maxLength: 3,
});

const scalar = fc.oneof(word, fc.constantFrom<Scalar>(1, 4, true), fc.string({ maxLength: 3 }), fc.nat());
const document = fc
  .dictionary(fc.constantFrom("a", "b", "c.d", "c"), fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })))
  .chain((data) => scalar.map((own) => ({ ...data, ["__proto__"]: own })));

/** The values at a path, in the plain documents above. */
const valuesAt = (data: Record<string, unknown>, path: string): readonly Scalar[] =>
  Object.hasOwn(data, path) ? ([data[path]].flat() as readonly Scalar[]) : [];

/** The slow and plain way. */
const holds = (guard: Guard, data: Record<string, unknown>): boolean =>
  guard.some((conditions) => conditions.every(({ path, test }) => valuesAt(data, path).some(test)));

describe("an index of guards", () => {
  it("finds the guards that hold, also among values that it knows and values that it gave up to know", () => {
    fc.assert(
      fc.property(
        fc.array(guard, { minLength: 1, maxLength: 40 }),
        fc.array(document, { minLength: 1, maxLength: 30 }),
        fc.boolean(),
        (guards, documents, hasManyValues) => {
          const index = new GuardIndex(guards);
          if (hasManyValues)
            for (let at = 0; at < 1100; at++) index.holding({ a: `new ${at}`, b: at, "c.d": ["get", `${at}`] });
          for (const data of [...documents, ...documents])
            expect(index.holding(data)).toEqual([...guards.keys()].filter((number) => holds(guards[number]!, data)));
        },
      ),
      { numRuns: process.env["WEIR_LONG"] ? 2000 : 150 },
    );
  });

  it("reads a long text once, whatever its length and the number of conditions on its parts", () => {
    const guards = Array.from(
      { length: 500 },
      (_, at): Guard => [
        [{ path: "a", test: (value) => String(value).includes(`part-${at}.`), parts: [`part-${at}.`] }],
      ],
    );
    const index = new GuardIndex(guards);
    expect(index.holding({ a: `${"part-".repeat(200_000)}part-77.part-403.` })).toEqual([77, 403]);
    expect(index.holding({ a: "ſ part-5." })).toEqual([5]);
  });
});

describe("guards of several queries", () => {
  it("hold whenever those that they are made of do", () => {
    fc.assert(
      fc.property(fc.array(guard, { maxLength: 8 }), document, (guards, data) => {
        const [all, any] = [allOf(guards), anyOf(guards)];
        if (guards.every((one) => holds(one, data))) expect(holds(all, data)).toBe(true);
        if (guards.some((one) => holds(one, data))) expect(holds(any, data)).toBe(true);
        // Texts of which some are folded are all folded, so more events pass them.
        const found = new GuardIndex([all, any]).holding(data);
        for (const [number, each] of [all, any].entries()) if (holds(each, data)) expect(found).toContain(number);
      }),
      { numRuns: process.env["WEIR_LONG"] ? 20_000 : 1000 },
    );
  });

  it("without some conditions, hold whenever they do and none of these does", () => {
    fc.assert(
      fc.property(guard, fc.array(condition, { maxLength: 4 }), document, (one, refused, data) => {
        const left = without(one, refused);
        const isRefused = refused.some((each) => holds([[each]], data));
        if (holds(left, data)) expect(holds(one, data)).toBe(true);
        if (holds(one, data) && !isRefused) {
          expect(holds(left, data)).toBe(true);
          expect(new GuardIndex([left]).holding(data)).toEqual([0]);
        }
      }),
      { numRuns: process.env["WEIR_LONG"] ? 20_000 : 1000 },
    );
    const [[verb]] = without(
      [[{ path: "a", test: () => true, texts: { values: ["get", "list"], areFolded: false } }]],
      [{ path: "a", test: (value) => value === "get" }],
    ) as [[FieldCondition]];
    expect([verb.texts?.values, verb.test("get"), verb.test("list")]).toEqual([["list"], false, true]);
  });

  it("join conditions on one field, and stay small", () => {
    const is = (path: string, text: string): Guard => [
      [{ path, test: (value) => value === text, texts: { values: [text], areFolded: false } }],
    ];
    expect(anyOf([is("verb", "get"), is("verb", "list")])).toMatchObject([
      [{ path: "verb", texts: { values: ["get", "list"] } }],
    ]);
    expect(allOf([is("verb", "get"), is("resource", "secrets")])).toMatchObject([
      [{ path: "verb" }, { path: "resource" }],
    ]);
    expect(anyOf([is("verb", "get"), always])).toEqual([[]]);
    const pairs = Array.from({ length: 50 }, (_, at) => allOf([is("verb", `v${at}`), is(`field${at}`, "x")]));
    expect(anyOf(pairs)).toMatchObject([[{ path: "verb" }]]);
    expect(anyOf(Array.from({ length: 50 }, (_, at) => is(`field${at}`, "x")))).toEqual([[]]);
  });
});
