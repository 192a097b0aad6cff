import { isDeepStrictEqual } from "node:util";
import type { Pipeline } from "../../config/load.ts";
import { learningOptions } from "../../detection/learning/options.ts";
import { type Override, overridden } from "../../detection/overrides/overrides.ts";
import type { Rule } from "../../detection/rule.ts";
import { memoryFingerprint } from "../../detection/rule-memory.ts";
import { fingerprint } from "../../fingerprint.ts";
import { isObject } from "../../json.ts";
import { printable } from "../../text.ts";
import type { TransformComponent } from "../../topology/topology.ts";

/** What the state of a component depends on. Another one could make nothing of it, or something wrong. */
export interface Maker {
  /** The name of its plugin. */
  readonly type: string;
  /** The rules that it runs; `undefined` if it has none, but options. */
  readonly rules?: readonly MakerRule[];
  /** Its options as they may be shown, without those about learning. */
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface MakerRule {
  readonly id: string;
  readonly name: string;
  /** A fingerprint of all that what the rule remembers depends on. */
  readonly memory: string;
}

/** A component of a pipeline that can have state. */
export interface Keeping {
  readonly maker: Maker;
  /** Bytes that its state may take. */
  readonly maxState: number;
}

/** The components of a pipeline that can have state, by id. */
export const keepingIn = ({ topology, parts }: Pipeline): ReadonlyMap<string, Keeping> =>
  new Map(
    topology.components.flatMap((component) => {
      if (component.kind !== "transform" || !component.plugin.keep || component.baselineOf !== undefined) return [];
      const { id, host } = component;
      const maker = makerOf(component, parts.get(id)?.shown ?? {});
      return [[id, { maker, maxState: host.maxState ?? Number.POSITIVE_INFINITY }] as const];
    }),
  );

const makerOf = ({ plugin, config }: TransformComponent, shown: Readonly<Record<string, unknown>>): Maker => {
  const type = plugin.name;
  if (isObject(config) && Array.isArray(config["rules"])) return { type, rules: rulesOf(config) };
  const names = Object.keys(plugin.options).filter((name) => !Object.hasOwn(learningOptions, name));
  const options = Object.fromEntries(names.flatMap((name) => (name in shown ? [[name, shown[name]]] : [])));
  return { type, options: JSON.parse(JSON.stringify(options)) };
};

const rulesOf = (config: Readonly<Record<string, unknown>>): readonly MakerRule[] => {
  const { rules, overrides, timestamp } = config as {
    readonly rules: readonly (Rule | readonly Rule[])[];
    readonly overrides?: Readonly<Record<string, Override>>;
    readonly timestamp?: string;
  };
  const all = overridden([...new Set(rules.flat() as readonly Rule[])], overrides);
  return all.map((rule) => ({
    id: rule.id,
    name: rule.name,
    memory: memoryFingerprint(rule, timestamp ?? rule.timestamp, fingerprint),
  }));
};

/** Why a component can make nothing of the state of another; `undefined` if it can. */
export const differenceOf = (id: string, from: Maker, to: Maker | undefined): string | undefined => {
  if (!to) return `the pipeline has no transform "${id}" that remembers something`;
  if (from.type !== to.type)
    return `"${id}" is of type ${printable(from.type)} in the file, and ${to.type} in the pipeline`;
  if (!from.options || !to.options) return undefined;
  const [old, fresh] = [from.options, to.options];
  const names = [...new Set([...Object.keys(old), ...Object.keys(fresh)])];
  const name = names.find((each) => !isDeepStrictEqual(old[each], fresh[each]));
  return (
    name &&
    `"${id}" has another ${printable(name)} in the pipeline: ${valueText(fresh[name])} instead of ${valueText(old[name])}`
  );
};

/** Why a component can make nothing of the state of rules, by their ids. */
export const changedRules = (id: string, from: Maker, to: Maker): ReadonlyMap<string, string> => {
  const running = new Map(to.rules?.map((rule) => [rule.id, rule]));
  return new Map(
    (from.rules ?? []).flatMap(({ id: rule, name, memory }) => {
      const known = running.get(rule);
      if (!known) return [[rule, `"${id}" does not run the rule "${printable(name)}" in the pipeline`]];
      if (known.memory === memory) return [];
      return [[rule, `the rule "${printable(name)}" has changed: its type, query, fields, window or timestamp`]];
    }),
  );
};

const valueText = (value: unknown): string => {
  const text = value === undefined ? "none" : JSON.stringify(value);
  return printable(text.length > 80 ? `${text.slice(0, 80)}…` : text);
};
