import fc from "fast-check";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { ExactNumber } from "../../exact-number.ts";
import { diffLines, excerpt, marked, yamlLines } from "./diff.ts";
import { isSame } from "./fields.ts";

const lines = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 });

it("a comparison contains both texts, and as a whole nothing else", () => {
  fc.assert(
    fc.property(lines, lines, (expected, actual) => {
      const diff = diffLines(expected, actual);
      const of = (signs: string) => diff.filter(({ sign }) => signs.includes(sign)).map(({ text }) => text);
      expect([of(" -"), of(" +")]).toEqual([expected, actual]);
    }),
  );
});

it("an excerpt keeps every difference, up to a limit, and says how much it leaves out", () => {
  const equal = marked(" ", ["1", "2", "3", "4", "5"]);
  const different = marked("+", ["x"]);
  expect(excerpt([...equal, ...different, ...equal]).map(({ text }) => text)).toEqual("… 3 4 5 x 1 2 3 …".split(" "));
  const long = excerpt(
    marked(
      "-",
      Array.from({ length: 100 }, (_, n) => `${n}`),
    ),
  );
  expect([long.length, long.at(-1)?.text]).toEqual([61, "… and 40 more lines"]);
});

it("data is shown as a test would write it", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
      expect(isSame(parse(yamlLines(data).join("\n")), [data])).toBe(true);
    }),
  );
  expect(yamlLines({ n: new ExactNumber("12345678901234567890") })).toEqual(["- n: 12345678901234567890"]);
});
