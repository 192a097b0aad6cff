import { isOptionError, type OptionError } from "../option/option-error.ts";
import type { Component, Topology, TransformComponent } from "../topology/topology.ts";
import { buildTransform } from "../transform/build.ts";
import { memoryState } from "../transform/memory-state.ts";
import { type Foretold, foretold } from "../transform/passing-of.ts";
import { clockScheduler } from "../transform/scheduler.ts";
import { offsetAsWritten } from "./kql-quote.ts";
import type { FileReading } from "./reading.ts";
import { partsAt } from "./references.ts";
import type { At } from "./report.ts";
import { sectionOf } from "./shell.ts";
import type { Path } from "./source-file.ts";

/** Builds every transform, which has no side effects, and checks the options of every other component. Reports those that throw. */
export const reportBuilds = ({ components }: Topology, reading: FileReading): void => {
  const { report } = reading;
  for (const [index, component] of components.entries()) {
    const error = whyNot(component, components.slice(0, index));
    if (error === undefined) continue;
    const path = [sectionOf(component.kind), component.id];
    const words: [string, string] = [
      component.id,
      (error instanceof Error ? error.message : String(error)).replace(/\.$/, ""),
    ];
    if (isOptionError(error)) report.error("config/build", placeOf(error, path, reading), words, error.hint);
    else report.error("config/build", { path, key: true }, words);
  }
};

const aborted = AbortSignal.abort();

/** Where the value is, and in a text that has no references the place in it. */
const placeOf = ({ path, offset }: OptionError, above: Path, { file, origins }: FileReading): At => {
  const full = [...above, ...path];
  const parts = partsAt(file, origins, full);
  const written = offset === undefined || parts.length === 0 ? offset : offsetAsWritten(parts, offset, false);
  return { path: full, offset: written };
};

/** What building a transform throws, or the check of the options of a source or sink. */
const whyNot = (component: Component, before: readonly Component[]): unknown => {
  try {
    if (component.kind === "transform") buildForCheck(component);
    else {
      const { plugin, config } = component;
      const alike = before.filter((other) => other.plugin === plugin).map((other) => other.config as never);
      plugin.checkOptions?.(config as never, alike);
    }
    return undefined;
  } catch (error) {
    return error ?? "it threw nothing";
  }
};

/** Builds a transform that will not run. Throws what the plugin throws. */
const buildForCheck = ({ id, plugin, config }: TransformComponent) => {
  const silent = () => undefined;
  const context = {
    id,
    config: config as never,
    // Nothing runs yet: a sleep ends at once.
    clock: { now: () => 0, monotonic: () => 0, sleep: async () => undefined },
    signal: aborted,
    log: { debug: silent, info: silent, warn: silent, error: silent },
  };
  const scheduler = () => clockScheduler(context.clock, context);
  return { context, built: buildTransform(plugin, context, { state: memoryState, scheduler }) };
};

/** What each transform of a valid pipeline says in advance of events. */
export const foretoldBy = ({ components }: Topology): ReadonlyMap<string, Foretold> =>
  new Map(
    components.flatMap((component) => {
      if (component.kind !== "transform") return [];
      const { context, built } = buildForCheck(component);
      return [[component.id, foretold(component.plugin, context, component.host, built)]];
    }),
  );
