import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FieldType } from "../../fields/types.ts";
import { fieldValues } from "../../fields/values.ts";
import type { Data } from "../../json.ts";
import { parseJson } from "../../parse-json.ts";
import { compileKql } from "../compile.ts";

const near = (center: bigint) => fc.bigInt({ min: center - 3n, max: center + 3n });
const integer = fc.oneof(
  near(0n),
  near(2n ** 53n),
  near(-(2n ** 53n)),
  near(2n ** 63n),
  near(2n ** 64n),
  near(10n ** 30n),
);
const operators = { ":": (order: number) => order === 0, "<": (o: number) => o < 0, ">=": (o: number) => o >= 0 };
const operator = fc.constantFrom<keyof typeof operators>(":", "<", ">=");
const order = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);

const document = (n: string): Data => parseJson(`{"n":${n}}`) as Data;
const typed = (type: FieldType | undefined) => (type ? { fields: { n: type } } : {});

describe("integers of any size", () => {
  it.each([undefined, "long", "unsigned_long", "integer"] as const)("compare as BigInts do, as %s", (type) => {
    fc.assert(
      fc.property(integer, integer, operator, fc.constantFrom("", ".0", "e0"), (value, limit, sign, spelling) => {
        const holds = compileKql(`n ${sign} "${limit}${spelling}"`, typed(type));
        const expected = operators[sign](order(value, limit));
        expect(holds(document(`${value}`))).toBe(expected);
        if (type) expect(holds({ n: `${value}` })).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it("are whole values of a keyword, with all their digits", () => {
    fc.assert(
      fc.property(integer, integer, (value, other) => {
        const holds = compileKql(`n:"${other}"`, { fields: { n: "keyword" } });
        expect(holds(document(`${value}`))).toBe(value === other);
        for (const type of ["keyword", "long", "wildcard"] as const)
          expect(fieldValues("n", type)(document(`[${value},${other}]`))).toEqual([
            ...new Set([`${value}`, `${other}`]),
          ]);
      }),
    );
    expect(compileKql("n:90071992547409*3", { fields: { n: "keyword" } })(document("9007199254740993"))).toBe(true);
  });

  it("meet limits with fractions", () => {
    expect(compileKql("n > 9007199254740992.5")(document("9007199254740993"))).toBe(true);
    expect(compileKql("n > 9007199254740993.5")(document("9007199254740993"))).toBe(false);
    expect(compileKql("n:9007199254740993.5", typed("long"))(document("9007199254740993"))).toBe(false);
    expect(compileKql("n:9007199254740993", typed("long"))(document("9007199254740993.5"))).toBe(true);
  });
});

describe("numbers with fractions", () => {
  it.each([undefined, "double"] as const)("compare as doubles do, as %s", (type) => {
    const fraction = fc
      .tuple(fc.nat({ max: 3 }), fc.stringMatching(/^[0-9]{0,30}[1-9]$/))
      .map((parts) => parts.join("."));
    fc.assert(
      fc.property(fraction, fraction, operator, (value, limit, sign) => {
        // A number that JSON.parse takes for an integer compares as one.
        fc.pre(type !== undefined || !Number.isInteger(Number(value)));
        const difference = Number(value) - Number(limit);
        expect(compileKql(`n ${sign} ${limit}`, typed(type))(document(value))).toBe(operators[sign](difference));
      }),
    );
  });

  it("beyond the range of a double are no value of a double, but have a text", () => {
    const huge = document("1e400");
    expect(compileKql("n:*", typed("double"))(huge)).toBe(false);
    expect(compileKql("n:*", typed("float"))(document("1e39"))).toBe(false);
    expect(compileKql("n > 5")(huge)).toBe(true);
    expect(compileKql("n:1e400")(huge)).toBe(true);
    expect(compileKql("n:1e401")(huge)).toBe(false);
    expect(fieldValues("n")(document("[1e400,-1e400,1E400]"))).toEqual(["1e400", "-1e400", "1E400"]);
    expect(fieldValues("n", "double")(huge)).toEqual([]);
  });
});

it("a big number has no members", () => {
  for (const path of ["n.text", "n.toJSON", "n.constructor"])
    expect(compileKql(`${path}:*`)(document("12345678901234567890"))).toBe(false);
  expect(compileKql("*:12345678901234567890")(document("12345678901234567890"))).toBe(true);
});
