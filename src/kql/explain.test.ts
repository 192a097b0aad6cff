import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QueryClause } from "../query-clause.ts";
import { compileKql } from "./compile.ts";
import { explainKql } from "./explain.ts";

const shown = ({ kind, text, matches, parts, values, matched }: QueryClause): unknown =>
  kind === "test"
    ? [text, matches, values, ...(matched ? [matched] : [])]
    : { [`${kind} ${matches}`]: parts.map(shown) };

describe("explainKql", () => {
  it("tells each clause, with the values of its field", () => {
    const query = 'user.name:"marta" and verb:(get or list or wa*) and not (agent:curl* or code > 300)';
    const document = { user: { name: "marta" }, verb: ["get", "watch"], agent: "kubectl", code: 200 };
    expect(shown(explainKql(query, document, 0))).toEqual({
      "and true": [
        ['user.name:"marta"', true, ["marta"]],
        ["verb:(get or list or wa*)", true, ["get", "watch"], ["get", "wa*"]],
        {
          "not true": [
            {
              "or false": [
                ["agent:curl*", false, ["kubectl"]],
                ["code > 300", false, [200]],
              ],
            },
          ],
        },
      ],
    });
  });

  it("has no values for a field that is missing, and none for a pattern of fields", () => {
    expect(explainKql("a:1", {}, 0)).toMatchObject({ matches: false, values: [] });
    expect(explainKql("a*:1", { ab: 1 }, 0)).not.toHaveProperty("values");
  });

  it("agrees with the compiled query, and so does each clause", () => {
    const leaf = fc
      .tuple(fc.constantFrom("a", "b", "a.b", "__proto__"), fc.constantFrom(":1", ":x*", ":*", " > 1", ":(1 or y)"))
      .map(([field, test]) => `${field}${test}`);
    const { query } = fc.letrec<{ query: string }>((tie) => ({
      query: fc.oneof(
        { depthSize: "small" },
        leaf,
        fc.tuple(tie("query"), fc.constantFrom("and", "or"), tie("query")).map(([a, op, b]) => `(${a} ${op} ${b})`),
        tie("query").map((inner) => `not (${inner})`),
      ),
    }));
    const value = fc.constantFrom(1, 2, "x", "xy", "y", undefined, [1, "y"]);
    const document = fc.record({ a: fc.oneof(value, fc.record({ b: value })), b: value });
    const agrees = (clause: QueryClause, data: Readonly<Record<string, unknown>>): void => {
      expect(clause.matches).toBe(compileKql(clause.text)(data));
      for (const part of clause.parts) agrees(part, data);
    };
    fc.assert(
      fc.property(query, document, (text, data) => {
        const clause = explainKql(text, data, 0);
        expect(clause.matches).toBe(compileKql(text)(data));
        agrees(clause, data);
      }),
    );
  });
});
