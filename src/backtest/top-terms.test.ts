import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TopTerms } from "./top-terms.ts";

describe("top terms", () => {
  it("are the most frequent values, as a plain loop counts them", () => {
    const values = fc.array(fc.constantFrom("a", "b", "c", "__proto__", "constructor", ""), { maxLength: 50 });
    fc.assert(
      fc.property(values, (list) => {
        const terms = new TopTerms();
        for (const value of list) terms.add(value);
        const counted = [...new Set(list)]
          .map((value) => ({ value, alerts: list.filter((other) => other === value).length }))
          .sort((a, b) => b.alerts - a.alerts || (a.value < b.value ? -1 : 1));
        expect(terms.top(3)).toEqual({ values: counted.slice(0, 3), distinct: counted.length, isExact: true });
      }),
    );
  });

  it("keep frequent values among any number of rare ones, in limited memory, and say that they do not know all", () => {
    const terms = new TopTerms();
    for (let index = 0; index < 50_000; index++) terms.add(index % 10 === 0 ? "often" : `${index}${"x".repeat(1_000)}`);
    expect(terms.top(1)).toEqual({ values: [{ value: "often", alerts: 5_000 }], distinct: 1_000, isExact: false });
    expect(terms.top(5_000).values.length).toBeLessThanOrEqual(1_000);
  });
});
