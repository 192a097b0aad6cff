import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Data } from "../json.ts";
import type { QueryClause } from "../query-clause.ts";
import { compileEql, type EqlOptions } from "./compile.ts";
import { EqlError } from "./error.ts";
import { explainEql } from "./explain.ts";
import { formatEql } from "./format.ts";
import { query as anyQuery } from "./testing/arbitrary.ts";

/** Whether an event matches; "refused" if something in it has too many values. */
const verdict = (query: string, data: Data, options?: EqlOptions): boolean | "refused" => {
  const compiled = compileEql(query, options);
  try {
    return compiled.type === "event" ? compiled.matches(data) : compiled.hits(data).length > 0;
  } catch (error) {
    if (error instanceof EqlError) return "refused";
    throw error;
  }
};

const told = ({ matches, failure }: QueryClause) => (failure === undefined ? matches : "refused");

const agrees = (clause: QueryClause, data: Data): void => {
  if (clause.kind !== "events" && clause.kind !== "event" && clause.text !== "")
    expect([clause.text, told(clause)]).toEqual([clause.text, verdict(`any where ${clause.text}`, data)]);
  for (const part of clause.parts) agrees(part, data);
};

const shown = ({ kind, text, matches, parts, values, unknown }: QueryClause): unknown =>
  kind === "test" ? [text, unknown ? "unknown" : matches, values] : { [`${kind} ${matches}`]: parts.map(shown) };

describe("explainEql", () => {
  it("shows each clause, with the values of its fields, and which are unknown", () => {
    const data = { event: { category: "process" }, user: { name: "marta" }, args: ["-c", "id"] };
    const query = 'process where user.name == "marta" and not (args : "-x*" or ?parent == 1) and user.name != "root"';
    expect(shown(explainEql(query, data))).toEqual({
      "and true": [
        ['?event.category == "process"', true, ["process"]],
        ['user.name == "marta"', true, ["marta"]],
        {
          "not true": [
            {
              "or false": [
                ['args : "-x*"', false, ["-c", "id"]],
                ["?parent == 1", "unknown", []],
              ],
            },
          ],
        },
        ['user.name != "root"', true, ["marta"]],
      ],
    });
  });

  it("shows what functions and arithmetic give", () => {
    const clause = explainEql("any where length(name) + size > 10", { name: "ada", size: 4 });
    expect(clause).toMatchObject({
      matches: false,
      inputs: [
        { text: "length(name) + size", values: [7] },
        { text: "name", values: ["ada"] },
        { text: "size", values: [4] },
      ],
    });
    expect(explainEql("any where length(name) > 10", {})).toMatchObject({
      unknown: true,
      inputs: [{ values: [null] }, { values: [] }],
    });
    expect(explainEql("any where name == null", { name: 1 })).not.toHaveProperty("unknown");
  });

  it("says that a value is none of the field's type", () => {
    expect(explainEql('any where source.ip == "10.0.0.1"', { source: { ip: "nobody" } })).toMatchObject({
      matches: false,
      values: ["nobody"],
      unreadable: "ip",
    });
    expect(explainEql("any where n == 1", { n: "x" }, { fields: { n: "long" } })).toMatchObject({ unreadable: "long" });
  });

  it("says which events of a sequence it is, and by which keys", () => {
    const query =
      "sequence by host with maxspan=1m [any where a == 1] by x ![any where a == 2] by x [any where a == 1] by y with runs=2 until [any where a == 3] by x";
    const clause = explainEql(query, { host: "h", x: [1, 2], a: 1 });
    expect(clause.parts.map(({ place, matches, keys }) => [place, matches, keys])).toEqual([
      [
        "step 1 of 4",
        true,
        [
          { field: "host", values: ["h"] },
          { field: "x", values: [1, 2] },
        ],
      ],
      [
        "step 2 of 4, which must be missing",
        false,
        [
          { field: "host", values: ["h"] },
          { field: "x", values: [1, 2] },
        ],
      ],
      [
        "steps 3 to 4 of 4",
        false,
        [
          { field: "host", values: ["h"] },
          { field: "y", values: [] },
        ],
      ],
      [
        "until",
        false,
        [
          { field: "host", values: ["h"] },
          { field: "x", values: [1, 2] },
        ],
      ],
    ]);
  });

  it("says that an event has too many values, if it comes to that", () => {
    const numbers = Array.from({ length: 200 }, (_, index) => index);
    const data = { a: numbers, b: numbers, c: 1 };
    const clause = explainEql('any where c == 1 and concat(a, b) == "x"', data);
    expect(clause).toMatchObject({ matches: false, failure: expect.stringContaining("combinations") });
    expect(explainEql('any where c == 2 and concat(a, b) == "x"', data).failure).toBeUndefined();
    expect(explainEql('any where c == 1 or concat(a, b) == "x"', data)).toMatchObject({ matches: true });
  });

  const test = fc
    .tuple(
      fc.constantFrom("a", "b", "?a", "`__proto__`", "source.ip", "process.pid"),
      fc.constantFrom(
        '== "x"',
        "!= 1",
        "> 1",
        "== null",
        "!= null",
        ': "x*"',
        'in ("x", "10.0.0.1")',
        'not in ("x")',
        'like "?"',
        "+ 1 == 2",
      ),
    )
    .map(([field, test]) => `${field} ${test}`);
  const called = fc.constantFrom("length(a) == 1", 'startsWith(a, "x") == false', 'concat(a, b) == "xx"', "?a == ?b");
  const { condition } = fc.letrec<{ condition: string }>((tie) => ({
    condition: fc.oneof(
      { depthSize: "small" },
      test,
      called,
      fc
        .tuple(tie("condition"), fc.constantFrom("and", "or"), tie("condition"))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      tie("condition").map((inner) => `not (${inner})`),
    ),
  }));
  const value = fc.constantFrom(1, 2, "x", "xy", "10.0.0.1", null, undefined, [1, "x"], true);
  const event = fc.record({
    a: value,
    b: value,
    source: fc.record({ ip: value }),
    process: fc.record({ pid: value }),
    event: fc.record({ category: fc.constantFrom("process", ["file", "process"], "x") }),
  }) as fc.Arbitrary<Data>;

  const works = (query: string): boolean => {
    try {
      compileEql(query);
      return true;
    } catch (error) {
      if (error instanceof EqlError) return false;
      throw error;
    }
  };

  it("agrees with the compiled query, and so does each clause", () => {
    fc.assert(
      fc.property(condition, fc.constantFrom("any", "process"), event, (text, category, data) => {
        const query = `${category} where ${text}`;
        fc.pre(works(query));
        const clause = explainEql(query, data);
        expect(told(clause)).toBe(verdict(query, data));
        agrees({ ...clause, text: "" }, data);
      }),
    );
  });

  it("agrees with sequences and samples", () => {
    const item = fc
      .tuple(condition, fc.constantFrom("", " by a", " by ?b"))
      .map(([text, by]) => [`[any where ${text}]`, by]);
    const query = fc.tuple(fc.constantFrom("sequence", "sample by b"), fc.array(item, { minLength: 2, maxLength: 3 }));
    fc.assert(
      fc.property(query, event, ([start, items], data) => {
        const by = items[0]![1];
        const text = `${start} ${items.map(([each]) => `${each}${by}`).join(" ")}`;
        fc.pre(works(text));
        expect(told(explainEql(text, data))).toBe(verdict(text, data));
      }),
    );
  });

  it("agrees with any query that compiles", () => {
    fc.assert(
      fc.property(anyQuery, event, (tree, data) => {
        const text = formatEql(tree);
        fc.pre(works(text));
        expect(told(explainEql(text, data))).toBe(verdict(text, data));
      }),
    );
  });
});
