import type { DetectOptions } from "../detection/detect-options.ts";
import { type Override, overridden } from "../detection/overrides/overrides.ts";
import type { Rule } from "../detection/rule.ts";
import { defineSource, defineTransform, type Plugin, type SourceContext } from "../plugin.ts";
import type { Player } from "../recorded/player.ts";
import { type Component, type Topology, type TransformComponent, topologyOf } from "../topology/topology.ts";
import { Findings } from "./findings.ts";
import { watchedDetection } from "./watched-detection.ts";

/** The type of the components that run detection rules. */
const detection = "detection";

/** A detection component, with the rules that it runs. */
export interface Detecting {
  readonly component: TransformComponent;
  readonly config: Pick<DetectOptions, "rules" | "overrides">;
  /** As the pipeline has them, with its overrides. */
  readonly rules: readonly Rule[];
}

/** The detection components that get events of a source. */
export const detectingBehind = ({ components, sourcesOf }: Topology, source: string): readonly Detecting[] =>
  components.flatMap((component) => {
    if (component.kind !== "transform" || component.plugin.name !== detection) return [];
    if (!sourcesOf(component.id).includes(source)) return [];
    const config = component.config as Detecting["config"];
    return [{ component, config, rules: overridden([...new Set(config.rules.flat())], config.overrides) }];
  });

/** Findings of the rules that have a profile, as they are with it. */
export interface ProfileFindings {
  readonly profile: string;
  readonly findings: Findings;
}

export interface StageOptions {
  readonly topology: Topology;
  readonly source: string;
  readonly player: Player;
  readonly detecting: readonly Detecting[];
  readonly isChosen: (rule: Rule) => boolean;
  readonly now: () => number;
  /** From when on alerts count, in milliseconds since 1970. */
  readonly since: number | undefined;
  readonly trusted: ReadonlySet<Plugin>;
}

/** A pipeline that reads a recording, and what its rules find. */
export interface Staged {
  readonly topology: Topology;
  readonly trusted: ReadonlySet<Plugin>;
  readonly findings: readonly Findings[];
  readonly profiles: readonly ProfileFindings[];
  /** Ids of the components that only compare profiles. */
  readonly added: ReadonlySet<string>;
}

/**
 * Replaces the source by the player, other sources by empty ones, and sinks by counters. Each detection component is watched.
 * For each profile of its rules it gets a copy, which runs the rules that have the profile, with it.
 */
export const stage = (options: StageOptions): Staged => {
  const { topology, source, player, detecting, isChosen, now, since } = options;
  const trusted = new Set(options.trusted);
  const findings: Findings[] = [];
  const profiles: ProfileFindings[] = [];
  const added: Component[] = [];
  const watched = (component: TransformComponent, given: Parameters<typeof watchedDetection>[1]) => {
    const other = watchedDetection(component, given);
    if (trusted.has(component.plugin)) trusted.add(other.plugin);
    return other;
  };
  const components = topology.components.map((component): Component => {
    if (component.kind === "source") return sourceOver(component, component.id === source ? player : undefined);
    if (component.kind === "sink") return counting(component, trusted);
    const found = detecting.find((each) => each.component === component);
    if (!found) return component;
    const { id } = component;
    const chosen = found.rules.filter(isChosen);
    const own = new Findings(chosen, id, now, since);
    findings.push(own);
    for (const [profile, rules] of byProfile(chosen)) {
      const ofProfile = new Findings(rules, id, now, since);
      profiles.push({ profile, findings: ofProfile });
      const config = { overrides: withProfile(found.config.overrides, rules, profile) };
      // Ids of components in a pipeline have no colon.
      added.push(watched(component, { findings: ofProfile, config, id: `${id}:${profile}` }));
    }
    return watched(component, { findings: own });
  });
  return {
    topology: topologyOf([...components, ...added], topology.shared),
    trusted,
    findings,
    profiles,
    added: new Set(added.map(({ id }) => id)),
  };
};

/** The name for a rule without any of its profiles. */
export const literal = "literal";

/** The rules of each profile. A rule with profiles is also among those of `literal`. */
const byProfile = (rules: readonly Rule[]): ReadonlyMap<string, readonly Rule[]> => {
  const found = new Map<string, Rule[]>();
  for (const rule of rules) {
    const names = Object.keys(rule.profiles ?? {});
    for (const name of names.length > 0 ? [literal, ...names] : []) found.set(name, [...(found.get(name) ?? []), rule]);
  }
  return found;
};

/** Later overrides win, and the others stay. */
const withProfile = (
  overrides: Readonly<Record<string, Override>> = {},
  rules: readonly Rule[],
  profile: string,
): Readonly<Record<string, Override>> =>
  Object.fromEntries([
    ...Object.entries(overrides).filter(([name]) => !rules.some(({ id }) => id === name)),
    ...rules.map(({ id }) => [id, { ...(Object.hasOwn(overrides, id) ? overrides[id] : {}), profile }] as const),
  ]);

type Of<Kind extends Component["kind"]> = Extract<Component, { readonly kind: Kind }>;

const sourceOver = (component: Of<"source">, player: Player | undefined): Of<"source"> => {
  const { name } = component.plugin;
  const plugin = defineSource({
    name,
    summary: "Gives what was recorded.",
    options: {},
    read: (context: SourceContext<never>) => player?.read(context) ?? nothing(),
  });
  return { ...component, plugin, config: {} };
};

async function* nothing(): AsyncGenerator<never> {}

/** Counts what a sink would get. */
const counting = ({ id, plugin, inputs }: Of<"sink">, trusted: Set<Plugin>): TransformComponent => {
  const counter = defineTransform({
    name: plugin.name,
    summary: "Counts events.",
    options: {},
    each: () => () => "counted",
  });
  trusted.add(counter);
  return { id, kind: "transform", plugin: counter, config: {}, host: { outputs: [], dropOutputs: [] }, inputs };
};
