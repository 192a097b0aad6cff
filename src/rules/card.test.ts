import { describe, expect, it } from "vitest";
import type { NewTermsRule } from "../detection/new-terms/rule-type.ts";
import type { Rule } from "../detection/rule.ts";
import { ruleCard } from "./card.ts";

const rule: NewTermsRule = {
  name: "new_badge",
  id: "3b0e5a49-1d9b-4a3a-8c9d-5f1d1f0c7a10",
  version: 2,
  title: "New Badge at a Door",
  description:
    "A badge opens a door that it never opened before. Guards walk the same round each night, so a new door is worth a look.",
  type: "new_terms",
  query: "action:open\n  and badge:*",
  new_terms: { fields: ["badge", "door"], window: 7 * 86_400_000 },
  timestamp: "event.ingested",
  severity: "medium",
  risk_score: 47,
  threat: [
    {
      tactic: { id: "TA0001", name: "Initial Access" },
      techniques: [
        { id: "T1078", name: "Valid Accounts", subtechniques: [{ id: "T1078.001", name: "Default Accounts" }] },
      ],
    },
  ],
  tags: [],
  categories: ["Doors"],
  data_source: "badge log",
  created: "2026-01-01",
  author: ["Test"],
  license: "Apache-2.0",
  origin: { url: "https://example.org/rule", license: "MIT" },
  references: ["https://example.org/doors"],
  false_positives: ["A guard who stands in for another one who is ill that night."],
  note: "Ask the guard.\n\nThen look at the camera:\n- the north one,\n- the south one.",
  tests: [{ name: "opens", events: [{ at: 0, event: {}, alerts: [] }] }],
};

describe("ruleCard", () => {
  it("shows everything that people need to know about a rule", () => {
    expect(ruleCard(rule, { color: false, width: 60 })).toBe(`New Badge at a Door
new_badge · version 2 · 2026-01-01
medium severity · risk score 47 · Doors · badge log

What it looks for
  A badge opens a door that it never opened before. Guards
  walk the same round each night, so a new door is worth a
  look.

Query (KQL)
  action:open
    and badge:*

New terms
  Raises an alert when a combination of badge, door was not
  seen in the 7d before, by event.ingested.

MITRE ATT&CK
  TA0001 Initial Access
    T1078 Valid Accounts
      T1078.001 Default Accounts

Known false positives
  - A guard who stands in for another one who is ill that
    night.

Tuning and triage
  Ask the guard.

  Then look at the camera:
  - the north one,
  - the south one.

References
  - https://example.org/doors

Origin
  Based on https://example.org/rule (MIT)
  By Test (Apache-2.0)
  Id 3b0e5a49-1d9b-4a3a-8c9d-5f1d1f0c7a10

Tests
  1 timeline with 1 event; \`weir rules test\` runs them
`);
  });

  it("omits what a rule does not have", () => {
    const { new_terms, origin, ...rest } = rule;
    const plain: Rule = {
      ...rest,
      type: "query",
      threat: [],
      references: [],
      false_positives: [],
      note: "",
      tests: [],
    };
    const card = ruleCard(plain, { color: false, width: 60 });
    for (const title of ["New terms", "MITRE", "References", "Known false", "Tuning", "Based on", "Tests"])
      expect(card).not.toContain(title);
  });

  it("has the same text with colours as without", () => {
    const colored = ruleCard(rule, { color: true, width: 60 });
    expect(colored).toContain("\u001b[1mNew Badge at a Door\u001b[0m");
    expect(colored.replaceAll(/\u001b\[\d+m/g, "")).toBe(ruleCard(rule, { color: false, width: 60 }));
  });
});
