import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { formatExpression } from "../../src/eql/format.ts";
import { compileEql, EqlError, formatEql, parseEql, searchEql } from "../../src/eql/index.ts";
import { query as anyQuery } from "../../src/eql/testing/arbitrary.ts";
import type { Data } from "../../src/json.ts";
import { budget, mutatedJson, mutatedText } from "./mutation.ts";

const lines = (name: string) => readFileSync(new URL(`../eql/${name}`, import.meta.url), "utf8");
const queries = lines("cases.jsonl")
  .trim()
  .split("\n")
  .map((line) => (JSON.parse(line) as { readonly query: string }).query);
const data = JSON.parse(lines("hosts.json")) as readonly Data[];

const words = fc.constantFrom(
  ...'a b.c ?d `e f` "x*" """y""" "\\u{41}" 1 -1.5 1e9 null true ( ) [ ] ![ , | : == != < >= + - * / % in in~ not like~ regex and or any where sequence sample by with maxspan=1s runs=2 until head length( concat( startsWith~( cidrMatch( // /*'.split(
    " ",
  ),
  " ",
);
const random = fc.array(words, { maxLength: 30 }).map((parts) => parts.join(" "));

/** Conditions whose types fit, of which queries are put together that Elastic's cases do not have. */
const conditions = queries.map((query) => {
  const tree = parseEql(query);
  return formatExpression((tree.type === "event" ? tree : tree.items[0]!).filter.condition);
});
const condition = fc
  .tuple(
    fc.constantFrom(...conditions),
    fc.constantFrom("and", "or", "and not", "or not"),
    fc.constantFrom(...conditions),
  )
  .map(([first, word, second]) => `(${first}) ${word} (${second})`);
const composed = fc.oneof(
  condition.map((one) => `any where ${one} | tail 5`),
  fc
    .tuple(condition, condition, fc.constantFrom("", " with runs=2"), fc.constantFrom("[", "!["))
    .map(
      ([first, second, runs, open]) =>
        `sequence with maxspan=1h [any where ${first}]${runs} ${open}any where ${second}]`,
    ),
  fc.tuple(condition, condition).map(([first, second]) => `sample by host [any where ${first}] [any where ${second}]`),
);

const text = fc.oneof(
  composed,
  composed,
  fc.constantFrom(...queries),
  mutatedText(queries),
  random,
  random.map((condition) => `any where ${condition}`),
  anyQuery.map(formatEql),
  fc.string({ unit: "grapheme", maxLength: 60 }),
);

const searched = (query: string, events: readonly Data[]) =>
  searchEql(
    compileEql(query, { category: "event_type" }),
    events.map((event, time) => ({ data: event, time })),
    100,
  );

it("any text is a query that finds something or nothing, or has an error that says where it is", () => {
  let accepted = 0;
  fc.assert(
    fc.property(text, mutatedJson([data]), (query, mutated) => {
      const events = (Array.isArray(mutated) ? mutated : [mutated]).map(
        (one): Data => (typeof one === "object" && one !== null && !Array.isArray(one) ? one : { one }),
      );
      try {
        const tree = parseEql(query);
        expect(parseEql(formatEql(tree))).toEqual(tree);
        expect(searched(query, events).length).toBeLessThanOrEqual(100);
        accepted++;
      } catch (error) {
        if (!(error instanceof EqlError)) throw error;
        expect(error.message).not.toMatch(/undefined|\[object|Maximum call stack/);
        if (error.offset !== undefined) expect(error.offset).toBeLessThanOrEqual(query.length);
      }
    }),
    budget(300),
  );
  expect(accepted).toBeGreaterThan(75);
});

it("a query depends on nothing but the events", () => {
  fc.assert(
    fc.property(fc.constantFrom(...queries), mutatedJson([data]), (query, mutated) => {
      if (!Array.isArray(mutated) || mutated.some((one) => typeof one !== "object" || one === null)) return;
      const events = mutated as readonly Data[];
      const found = (all: readonly Data[]) =>
        searched(query, all).map(({ events: some }) => some.map((event) => event?.time));
      expect(found(structuredClone(events))).toEqual(found(events));
    }),
    budget(300),
  );
});

/** Long texts of each kind; a query or an event that took more than near-linear time would not come to an end. */
const long = 200_000;
const hostile = [
  "(".repeat(long),
  "any where ".repeat(long / 10),
  `any where a == "${"\\u{41}".repeat(long / 6)}`,
  `any where a == """${'"'.repeat(long)}`,
  `any where ${"`".repeat(long)}`,
  `any where ${"/*".repeat(long / 2)}`,
  `any where ${"// \n".repeat(long / 4)}a`,
  `any where ${"1".repeat(long)} == 1`,
  `any where a : (${'"*a*", '.repeat(10_000)}"x")`,
  `any where a like "${"*a?".repeat(1_000)}"`,
  `any where ${"string(".repeat(99)}"x"${")".repeat(99)} == "x"`,
  `any where ${"(".repeat(99)}a == 1${") == true".repeat(99)}`,
  `any where ${"1 in (".repeat(99)}1${")".repeat(99)}`,
  `any where ${"concat(a, ".repeat(99)}"x"${")".repeat(99)} == "x"`,
  `any where ${"-".repeat(99)}a == 1`,
  `any where a regex "${"(a|b)*".repeat(200)}"`,
  `any where a${".b".repeat(long / 2)} == 1`,
  `sequence ${"[any where a] ".repeat(10_000)}`,
  `sequence by ${"a, ".repeat(10_000)}a [any where true] [any where true]`,
];

it.each(hostile.map((query) => [query.slice(0, 40), query] as const))("%s… comes to an end", (_, query) => {
  const events = [{ a: "a".repeat(long) }, { a: Array.from({ length: 10_000 }, (_, n) => `x${n}`) }];
  try {
    expect(searched(query, events)).toBeDefined();
  } catch (error) {
    if (!(error instanceof EqlError)) throw error;
  }
});
