import { readdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Threat } from "../detection/rule.ts";
import { coverageOf } from "./coverage.ts";
import { loadRule } from "./load.ts";

/** What the Navigator documents of the members of a layer that weir writes. */
const isLayer = new Ajv().compile({
  type: "object",
  additionalProperties: false,
  required: ["name", "versions", "domain", "techniques", "gradient"],
  properties: {
    name: { type: "string" },
    versions: {
      type: "object",
      additionalProperties: false,
      required: ["navigator", "layer"],
      properties: {
        attack: { enum: ["18", "19"] },
        navigator: { type: "string", pattern: "^(4\\.9|[5-9])\\." },
        layer: { const: "4.5" },
      },
    },
    domain: { enum: ["enterprise-attack", "mobile-attack", "ics-attack"] },
    description: { type: "string" },
    hideDisabled: { type: "boolean" },
    techniques: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["techniqueID"],
        properties: {
          techniqueID: { type: "string" },
          tactic: { type: "string", pattern: "^[a-z]+(-[a-z]+)*$" },
          comment: { type: "string" },
          enabled: { type: "boolean" },
          score: { type: "number" },
          showSubtechniques: { type: "boolean" },
        },
      },
    },
    gradient: {
      type: "object",
      additionalProperties: false,
      required: ["colors", "minValue", "maxValue"],
      properties: {
        colors: { type: "array", minItems: 2, items: { type: "string", pattern: "^#[0-9a-f]{6}$" } },
        minValue: { type: "number" },
        maxValue: { type: "number" },
      },
    },
  },
});

/** The tactics for enterprises in ATT&CK 18 and 19: https://attack.mitre.org/tactics/enterprise/ */
const lasting =
  "reconnaissance resource-development initial-access execution persistence privilege-escalation credential-access discovery lateral-movement collection command-and-control exfiltration impact".split(
    " ",
  );
const tacticsOf: Readonly<Record<string, readonly string[]>> = {
  "18": [...lasting, "defense-evasion"],
  "19": [...lasting, "stealth", "defense-impairment"],
};

const checkLayer = (layer: ReturnType<typeof coverageOf>) => {
  isLayer(layer);
  expect(isLayer.errors ?? []).toEqual([]);
  expect(layer.gradient.maxValue).toBeGreaterThan(layer.gradient.minValue);
  const ids = layer.techniques.map(({ techniqueID }) => techniqueID);
  for (const { techniqueID, tactic, showSubtechniques } of layer.techniques) {
    if (tactic !== undefined) expect(tacticsOf[layer.versions.attack]).toContain(tactic);
    // Under every tactic: there is no other entry.
    else expect(ids.filter((id) => id === techniqueID)).toHaveLength(1);
    expect(showSubtechniques).toBe(ids.some((id) => id.startsWith(`${techniqueID}.`)));
  }
};

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

it("is a layer of a version of ATT&CK that has the tactics that it names", () => {
  const rule = fc.record({
    name: fc.constantFrom("a", "b", "c"),
    threat: fc.array(
      fc
        .tuple(
          fc.constantFrom(
            "Command and Control",
            "Defense Evasion",
            "Stealth",
            "Defense Impairment",
            "Impair Process Control",
          ),
          fc.constantFrom("T1562", "T1036", "T1070"),
        )
        .map(([tactic, id]) => threat(tactic, id)),
      { maxLength: 4 },
    ),
  });
  fc.assert(fc.property(fc.array(rule, { maxLength: 5 }), (rules) => checkLayer(coverageOf(rules))));
});

it("places a technique under no tactic if the layer's version of ATT&CK does not have the one that a rule names", () => {
  const old = { name: "old", threat: [threat("Defense Evasion", "T1562"), threat("Persistence", "T1562")] };
  const fresh = { name: "new", threat: [threat("Defense Impairment", "T1685")] };
  const shown = (rules: Parameters<typeof coverageOf>[0]) => {
    const { versions, techniques } = coverageOf(rules);
    return [versions.attack, ...techniques.map(({ techniqueID, tactic, score }) => [techniqueID, tactic, score])];
  };
  expect(shown([old])).toEqual([
    "18",
    ["T1562", "defense-evasion", 1],
    ["T1562", "persistence", 1],
    ["T1562.001", "defense-evasion", 1],
    ["T1562.001", "persistence", 1],
  ]);
  expect(shown([old, fresh])).toEqual([
    "19",
    ["T1562", undefined, 1],
    ["T1562.001", undefined, 1],
    ["T1685", "defense-impairment", 1],
    ["T1685.001", "defense-impairment", 1],
  ]);
});

it("is such a layer for the rules that come with weir", () => {
  const rules = readdirSync("plugins/rules").map((file) => {
    const loaded = loadRule(readFileSync(`plugins/rules/${file}`, "utf8"), { file, name: file });
    if (!loaded.ok) throw new Error(`${file} does not load`);
    return loaded.value;
  });
  const layer = coverageOf(rules);
  checkLayer(layer);
  expect(layer.techniques.every(({ tactic }) => tactic !== undefined)).toBe(true);
});
