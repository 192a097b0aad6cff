import type { DetectOptions } from "../detection/detect-options.ts";
import { isForRule } from "../detection/exceptions/exceptions.ts";
import { overridden } from "../detection/overrides/overrides.ts";
import type { Rule } from "../detection/rule.ts";
import { didYouMean } from "../problem.ts";
import type { RuleSettings } from "../rule-tests/pipeline.ts";
import type { Topology, TransformComponent } from "../topology/topology.ts";

/** A rule as a component of a pipeline runs it: with its overrides, and what else the component says about it. */
export interface PlacedRule {
  readonly component: string;
  readonly rule: Rule;
  readonly settings: RuleSettings;
}

/** The pipeline does not run the rule: a message for people. */
export class NotInPipeline extends Error {}

type Config = Omit<DetectOptions, "state" | "hash">;

/**
 * Finds the component that runs a rule. `wanted`: the name of the rule in the pipeline, or its id. `component`: which one, if
 * several run it. Throws `NotInPipeline`.
 */
export const ruleInPipeline = (
  { components }: Topology,
  wanted: Pick<Rule, "name"> & Partial<Pick<Rule, "id">>,
  component?: string,
): PlacedRule => {
  const detections = components.filter(
    (each): each is TransformComponent => each.kind === "transform" && each.plugin.name === "detection",
  );
  const known = detections.map(({ id }) => id);
  if (component !== undefined && !known.includes(component))
    throw new NotInPipeline(
      `The pipeline has no detection transform "${component}". ${didYouMean(component, known) ?? `It has: ${known.join(", ") || "none"}.`}`,
    );
  const isWanted = ({ name, id }: Rule) => name === wanted.name || id === wanted.id;
  const running = detections.flatMap((each) => {
    const rule = rulesOf(each).find(isWanted);
    return rule && (component === undefined || each.id === component) ? [{ each, rule }] : [];
  });
  const [first, ...others] = running;
  const ids = running.map(({ each }) => each.id);
  if (!first) {
    const names = detections.flatMap(rulesOf).map(({ name }) => name);
    const where = component === undefined ? "The pipeline" : `The component "${component}"`;
    throw new NotInPipeline(
      `${where} does not run the rule "${wanted.name}". ${didYouMean(wanted.name, names) ?? ""}`.trim(),
    );
  }
  if (others.length > 0)
    throw new NotInPipeline(`Several components run the rule: ${ids.join(", ")}. Choose one with --component.`);
  return placed(first.each, first.rule);
};

const configOf = ({ config }: TransformComponent): Config => config as Config;

const rulesOf = (component: TransformComponent): readonly Rule[] => configOf(component).rules.flat();

const placed = (component: TransformComponent, { id, name }: Rule): PlacedRule => {
  const { rules: _, indicators: _sources, overrides, exceptions = [], ...settings } = configOf(component);
  const rule = overridden(rulesOf(component), overrides).find((each) => each.id === id);
  if (!rule) throw new NotInPipeline(`An override of "${component.id}" has enabled: false for the rule "${name}".`);
  const own = exceptions.filter((exception) => isForRule(exception, rule));
  return { component: component.id, rule, settings: { ...settings, exceptions: own, isUnlimited: false } };
};
