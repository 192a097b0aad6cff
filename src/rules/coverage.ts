import type { Rule } from "../detection/rule.ts";
import { counted } from "../text.ts";

/** A layer for the ATT&CK Navigator, in version 4.5 of its format. */
export interface Layer {
  readonly name: string;
  readonly versions: { readonly attack: string; readonly navigator: string; readonly layer: string };
  readonly domain: string;
  readonly description: string;
  readonly techniques: readonly LayerTechnique[];
  readonly gradient: { readonly colors: readonly string[]; readonly minValue: number; readonly maxValue: number };
  readonly hideDisabled: boolean;
}

interface LayerTechnique {
  readonly techniqueID: string;
  /** As the Navigator writes it: `credential-access`. */
  readonly tactic: string;
  /** How many rules look for it. */
  readonly score: number;
  /** The names of the rules. */
  readonly comment: string;
  readonly enabled: boolean;
  readonly showSubtechniques: boolean;
}

const versions = { attack: "17", navigator: "5.1.0", layer: "4.5" } as const;

/** From nothing to the most rules. */
const colors = ["#ffffff", "#a8d5ba", "#1b7f4b"] as const;

/** Which techniques of MITRE ATT&CK rules look for: the score of a technique under a tactic is the number of its rules. */
export const coverageOf = (rules: readonly Pick<Rule, "name" | "threat">[]): Layer => {
  const found = new Map<string, { readonly id: string; readonly tactic: string; readonly names: Set<string> }>();
  for (const { name, threat } of rules)
    for (const { tactic, id } of threat.flatMap(pairsOf)) {
      const key = JSON.stringify([id, tactic]);
      const known = found.get(key) ?? { id, tactic, names: new Set() };
      known.names.add(name);
      found.set(key, known);
    }
  const techniques = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => techniqueOf(one));
  return {
    name: "Detection rules of weir",
    versions,
    domain: "enterprise-attack",
    description: `${counted(rules.length, "rule")}. The score of a technique is the number of rules that look for it.`,
    techniques,
    gradient: { colors, minValue: 0, maxValue: Math.max(1, ...techniques.map(({ score }) => score)) },
    hideDisabled: false,
  };
};

/** The techniques and subtechniques of a threat, each with its tactic. */
const pairsOf = ({ tactic: { name }, techniques }: Rule["threat"][number]) => {
  const tactic = name.toLowerCase().replaceAll(" ", "-");
  return techniques.flatMap(({ id, subtechniques = [] }) => [
    { tactic, id },
    ...subtechniques.map((part) => ({ tactic, id: part.id })),
  ]);
};

const techniqueOf = ({
  id,
  tactic,
  names,
}: {
  readonly id: string;
  readonly tactic: string;
  readonly names: ReadonlySet<string>;
}): LayerTechnique => ({
  techniqueID: id,
  tactic,
  score: names.size,
  comment: [...names].sort().join(", "),
  enabled: true,
  showSubtechniques: !id.includes("."),
});
