import fc from "fast-check";
import { expect, it } from "vitest";
import type { Threat } from "../detection/rule.ts";
import { coverageOf } from "./coverage.ts";

const threat = (tactic: string, ...ids: readonly string[]): Threat => ({
  tactic: { id: "TA0000", name: tactic },
  techniques: ids.map((id) => ({ id, name: id, subtechniques: [{ id: `${id}.001`, name: "" }] })),
});

it("makes a layer with the number of rules for each technique, subtechnique and tactic", () => {
  const layer = coverageOf([
    { name: "b", threat: [threat("Credential Access", "T1552"), threat("Privilege Escalation", "T1078")] },
    { name: "a", threat: [threat("Credential Access", "T1552")] },
    { name: "none", threat: [] },
  ]);
  expect(layer).toMatchObject({
    versions: { layer: "4.5" },
    domain: "enterprise-attack",
    gradient: { minValue: 0, maxValue: 2 },
  });
  expect(layer.description).toContain("3 rules");
  expect(
    layer.techniques.map(({ techniqueID, tactic, score, comment }) => [techniqueID, tactic, score, comment]),
  ).toEqual([
    ["T1078", "privilege-escalation", 1, "b"],
    ["T1078.001", "privilege-escalation", 1, "b"],
    ["T1552", "credential-access", 2, "a, b"],
    ["T1552.001", "credential-access", 2, "a, b"],
  ]);
});

it("counts as a plain loop does, in whatever order the rules come", () => {
  const rule = fc.record({
    name: fc.constantFrom("a", "b", "c", "__proto__"),
    threat: fc.array(
      fc
        .tuple(fc.constantFrom("Impact", "Execution"), fc.constantFrom("T1", "T2"))
        .map(([tactic, id]) => threat(tactic, id)),
    ),
  });
  fc.assert(
    fc.property(fc.array(rule), (rules) => {
      const layer = coverageOf(rules);
      for (const { techniqueID, tactic, score } of layer.techniques) {
        const names = new Set<string>();
        for (const { name, threat } of rules)
          for (const each of threat)
            if (
              each.tactic.name.toLowerCase() === tactic &&
              each.techniques.some(({ id }) => techniqueID.startsWith(id))
            )
              names.add(name);
        expect(score).toBe(names.size);
      }
      expect(coverageOf(rules.toReversed()).techniques).toEqual(layer.techniques);
    }),
  );
});
