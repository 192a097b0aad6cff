import { detect } from "../detection/detect.ts";
import type { DetectOptions } from "../detection/detect-options.ts";
import type { Rule } from "../detection/rule.ts";
import { typeOfRule } from "../detection/rule-types.ts";
import { withData } from "../event.ts";
import { fingerprint } from "../fingerprint.ts";
import { defineTransform, type Plugin } from "../plugin.ts";
import { type Topology, type TransformComponent, topologyOf } from "../topology/topology.ts";

/** The component that runs the rule. */
export const rulesOf = "rule";
/** The component that sends its alerts as the tests of its type write them, under `alert`. */
export const alertsOf = "alerts";

/** What the pipeline in which a rule is used says about it. */
export type RuleSettings = Omit<DetectOptions, "rules" | "state" | "hash" | "deployment">;

/** A pipeline that runs one rule, and the plugins in it that are known not to change data. */
export const pipelineOf = (
  rule: Rule,
  settings: RuleSettings = { isUnlimited: true },
): { readonly topology: Topology; readonly trusted: ReadonlySet<Plugin> } => {
  const detection = defineTransform({
    name: "detection",
    summary: "Runs one rule.",
    options: {},
    keep: ({ state, deployment }) => detect({ ...settings, rules: [rule], state, hash: fingerprint, deployment }),
  });
  const { testAlert } = typeOfRule(rule);
  const asStated = defineTransform({
    name: "as_stated",
    summary: "Writes alerts as tests do.",
    options: {},
    each: () => (event) => {
      const alert = testAlert.of(event.data);
      // A part of another alert.
      return alert === undefined ? "building_block" : withData(event, { alert });
    },
  });
  const component = (id: string, plugin: TransformComponent["plugin"], inputs: readonly string[]) =>
    ({ id, kind: "transform", plugin, config: {}, host: { outputs: [], dropOutputs: [], maxState }, inputs }) as const;
  return {
    topology: topologyOf([component(rulesOf, detection, []), component(alertsOf, asStated, [rulesOf])]),
    trusted: new Set<Plugin>([detection, asStated]),
  };
};

/** As for a component that says nothing else, in bytes. */
const maxState = 256 * 1024 * 1024;
