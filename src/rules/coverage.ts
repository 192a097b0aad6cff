import type { Rule } from "../detection/rule.ts";
import { counted } from "../text.ts";

/**
 * A layer for the ATT&CK Navigator, in version 4.5 of its format:
 * https://github.com/mitre-attack/attack-navigator/blob/master/layers/spec/v4.5/layerformat.md
 */
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
  /** As the Navigator writes it: `credential-access`. Without it, the technique is meant under each of its tactics. */
  readonly tactic?: string;
  /** How many rules look for it. */
  readonly score: number;
  /** The names of the rules. */
  readonly comment: string;
  readonly enabled: boolean;
  readonly showSubtechniques: boolean;
}

const versions = { navigator: "5.2.0", layer: "4.5" } as const;

/** The tactics for enterprises that ATT&CK had before version 19 and has since. */
const lasting = [
  "reconnaissance",
  "resource-development",
  "initial-access",
  "execution",
  "persistence",
  "privilege-escalation",
  "credential-access",
  "discovery",
  "lateral-movement",
  "collection",
  "command-and-control",
  "exfiltration",
  "impact",
] as const;

/** Version 19 has two tactics in place of one. */
const [before, since]: readonly { readonly version: string; readonly own: readonly string[] }[] = [
  { version: "18", own: ["defense-evasion"] },
  { version: "19", own: ["stealth", "defense-impairment"] },
];

/** The version of ATT&CK whose tactics rules name: the older one, unless a rule names a tactic that it does not have. */
const attackOf = (tactics: readonly string[]) =>
  tactics.some((tactic) => since!.own.includes(tactic)) ? since! : before!;

/** From nothing to the most rules. */
const colors = ["#ffffff", "#a8d5ba", "#1b7f4b"] as const;

/**
 * Which techniques of MITRE ATT&CK rules look for: the score of a technique under a tactic is the number of its rules. A
 * technique for which a rule names a tactic that the layer's version of ATT&CK does not have is under no certain one.
 */
export const coverageOf = (rules: readonly Pick<Rule, "name" | "threat">[]): Layer => {
  const pairs = rules.flatMap(({ name, threat }) => threat.flatMap(pairsOf).map((pair) => ({ ...pair, name })));
  const attack = attackOf(pairs.map(({ tactic }) => tactic));
  const known = new Set<string>([...lasting, ...attack.own]);
  const uncertain = new Set(pairs.filter(({ tactic }) => !known.has(tactic)).map(({ id }) => id));
  const placed = pairs.map((pair) => ({ ...pair, tactic: uncertain.has(pair.id) ? undefined : pair.tactic }));
  const groups = Map.groupBy(placed, ({ id, tactic }) => JSON.stringify([id, tactic]));
  const parents = new Set(pairs.map(({ id }) => id.split(".")).flatMap(([parent, part]) => (part ? [parent] : [])));
  const techniques = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => {
      const { id, tactic } = group[0]!;
      const names = [...new Set(group.map(({ name }) => name))].sort();
      return techniqueOf({ id, tactic, names, hasParts: parents.has(id) });
    });
  return {
    name: "Detection rules of weir",
    versions: { attack: attack.version, ...versions },
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
  hasParts,
}: {
  readonly id: string;
  readonly tactic: string | undefined;
  readonly names: readonly string[];
  readonly hasParts: boolean;
}): LayerTechnique => ({
  techniqueID: id,
  ...(tactic !== undefined && { tactic }),
  score: names.length,
  comment: names.join(", "),
  enabled: true,
  showSubtechniques: hasParts,
});
