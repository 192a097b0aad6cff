import type { Topology, TransformComponent } from "../topology/topology.ts";
import { buildTransform } from "../transform/build.ts";
import { memoryState } from "../transform/memory-state.ts";
import { clockScheduler } from "../transform/scheduler.ts";
import type { Report } from "./report.ts";
import { sectionOf } from "./shell.ts";

/** Builds every transform, which has no side effects, and reports those that throw. */
export const reportBuilds = ({ components }: Topology, report: Report): void => {
  for (const component of components) {
    if (component.kind !== "transform") continue;
    const detail = whyNot(component);
    if (detail === undefined) continue;
    const path = [sectionOf(component.kind), component.id];
    report.error("config/build", { path, key: true }, [component.id, detail]);
  }
};

const aborted = AbortSignal.abort();

const whyNot = ({ id, plugin, config }: TransformComponent): string | undefined => {
  const silent = () => undefined;
  const context = {
    id,
    config: config as never,
    // Nothing runs yet: a sleep ends at once.
    clock: { now: () => 0, monotonic: () => 0, sleep: async () => undefined },
    signal: aborted,
    log: { debug: silent, info: silent, warn: silent, error: silent },
  };
  try {
    const scheduler = () => clockScheduler(context.clock, context);
    buildTransform(plugin, context, { state: memoryState, scheduler });
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
  }
};
