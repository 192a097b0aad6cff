import { defaultCalling, type Topology } from "../../src/topology/topology.ts";
import { topology } from "../runtime/placed.ts";
import type { GraphPlan, SinkPlan, SourcePlan } from "./plan.ts";
import { pluginOf } from "./plugins.ts";
import { quota } from "./steps.ts";

/** No time limit: virtual time runs ahead of real writes. */
const delivering = ({ room }: SinkPlan) => ({
  buffer: { type: "disk" as const, maxSize: room, whenFull: "block" as const },
  timeout: 1e12,
});

/** The topology of a plan, between the sources and sinks that are given. */
export const topologyFor = (
  plan: GraphPlan,
  isBroken: boolean,
  ends: {
    readonly source: (plan: SourcePlan) => unknown;
    readonly sink: (plan: SinkPlan) => unknown;
  },
): Topology => {
  const patient = { ...defaultCalling({ concurrency: 3, timeout: 1e12 }), onFailure: "wait" as const };
  return topology({
    ...Object.fromEntries(plan.sources.map((source) => [source.id, [ends.source(source)] as const])),
    ...Object.fromEntries(
      plan.nodes.map((node) => {
        const isAsync = node.kind === "flaky" || node.kind.startsWith("slow");
        const host = {
          dropOutputs: node.dropOutputs,
          ...(isAsync && { calling: { ...patient, concurrency: node.size } }),
          ...(node.kind === "quota" && { maxState: quota }),
        };
        return [node.id, [pluginOf(node, isBroken), node.inputs, host] as const];
      }),
    ),
    ...Object.fromEntries(
      plan.sinks.map((sink) => [sink.id, [ends.sink(sink), sink.inputs, delivering(sink)] as const]),
    ),
  });
};
