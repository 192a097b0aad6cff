import { describe, expect, it } from "vitest";
import type { Data } from "../json.ts";
import { mappedFields } from "./mapped-fields.ts";
import type { Rule } from "./rule.ts";

const rule = {
  title: "Opened",
  severity: "low",
  risk_score: 10,
  severity_mapping: [
    { field: "level", value: "3", severity: "critical" },
    { field: "level", value: "2", severity: "medium" },
    { field: "zone", value: "vault", severity: "high" },
  ],
  risk_score_mapping: [{ field: "score" }, { field: "ignored" }],
  rule_name_override: "message",
} as unknown as Rule;

describe("mappedFields", () => {
  it.each<[Data, object]>([
    [{}, { severity: "low", risk_score: 10, title: "Opened" }],
    [
      { level: 2, zone: "vault" },
      { severity: "high", risk_score: 10, title: "Opened" },
    ],
    [{ level: ["2", "3"] }, { severity: "critical", risk_score: 10, title: "Opened" }],
    [
      { score: 99.5, ignored: 1 },
      { severity: "low", risk_score: 99.5, title: "Opened" },
    ],
    [{ score: ["7", 101, "x", -1] }, { severity: "low", risk_score: 7, title: "Opened" }],
    [{ message: ["The vault", "x"] }, { severity: "low", risk_score: 10, title: "The vault" }],
    [{ message: "" }, { severity: "low", risk_score: 10, title: "Opened" }],
  ])("for %j is %j", (data, expected) => {
    expect(mappedFields(rule)(data)).toEqual(expected);
  });
});
