import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { compileKql, formatKql, KqlError, KqlSyntaxError, parseKql } from "../../src/kql/index.ts";
import { budget, mutatedJson, mutatedText } from "./mutation.ts";

const rules = fileURLToPath(new URL("../../plugins/rules", import.meta.url));
const shipped = readdirSync(rules, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".yaml"))
  .flatMap((name) => (parse(readFileSync(`${rules}/${name}`, "utf8")) as { readonly query?: string }).query ?? []);

const queries = [
  ...shipped,
  "a:1 and (b:2 or not c:3)",
  'user.name:"ada lovelace" or user.name:(bo and not "x y")',
  'source.ip:10.0.0.0/8 and not source.ip:(10.1.0.0/16 or "::1")',
  'n >= 3 and n < 7.5 or @timestamp > "2026-01-01T00:00:00Z"',
  "a\\:b:c\\*d* and *:x and e.*:y",
  "nested:{ a:1 and b:{ c:2 } }",
  'text:"quoted \\" and \\\\ and \\u00e9"',
  "",
  "*",
];

/** Queries of nested objects have an error of their own. */
const compiled = queries.filter((query) => !query.startsWith("nested"));

const words = fc.constantFrom(
  ...'a b.c * ? \\ " ( ) { } : < > <= >= and or not AND OR NOT 1 -1e9 null true ::1/128 , \u00a0 \n'.split(" "),
  " ",
);
const random = fc.array(words, { maxLength: 30 }).map((parts) => parts.join(""));
const text = fc.oneof(mutatedText(queries), random, fc.string({ unit: "grapheme", maxLength: 60 }));

const document = {
  a: 1,
  b: { c: ["x", 2, true, null] },
  n: 5,
  user: { name: "ada lovelace", id: [1, "2"] },
  source: { ip: ["10.0.0.7", "::1"] },
  nested: [{ a: 1, b: [{ c: 2 }] }],
  kubernetes: { audit: { verb: "get", objectRef: { resource: "secrets" } } },
};

it("any text is a query that compiles and matches, or has an error that says where it is", () => {
  let accepted = 0;
  fc.assert(
    fc.property(text, mutatedJson([document]), (query, data) => {
      try {
        const node = parseKql(query);
        const matches = compileKql(node)(data as Readonly<Record<string, unknown>>);
        expect(typeof matches).toBe("boolean");
        // Formatted, it is the same query.
        expect(parseKql(formatKql(node))).toEqual(node);
        accepted++;
      } catch (error) {
        if (!(error instanceof KqlError || error instanceof KqlSyntaxError)) throw error;
        expect(error.message).not.toMatch(/undefined|\[object|Maximum call stack/);
      }
    }),
    budget(1_000),
  );
  expect(accepted).toBeGreaterThan(100);
});

it("a query does not depend on anything but the document", () => {
  fc.assert(
    fc.property(fc.constantFrom(...compiled), mutatedJson([document]), (query, data) => {
      const [one, other] = [compileKql(parseKql(query)), compileKql(parseKql(query))];
      const whole = data as Readonly<Record<string, unknown>>;
      expect(one(whole)).toBe(other(structuredClone(whole)));
      expect(compileKql(parseKql(`not (${query || "*"})`))(whole)).toBe(!one(whole));
    }),
    budget(300),
  );
});
