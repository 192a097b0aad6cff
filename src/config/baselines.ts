import { baselineOf, withBaselines } from "../baseline/components.ts";
import type { Option } from "../option/option.ts";
import type { Plugin } from "../plugin.ts";
import { type Component, type Topology, topologyOf } from "../topology/topology.ts";
import type { Part } from "./part.ts";
import type { FileReading } from "./reading.ts";
import { sectionOf } from "./shell.ts";

type FileSource = Extract<Plugin, { readonly kind: "source" }>;

const fileSource = (plugins: readonly Plugin[]): FileSource | undefined =>
  plugins.find((plugin): plugin is FileSource => plugin.kind === "source" && plugin.name === "file");

/** Reports globs of baselines that the source `file` refuses. */
export const reportBaselines = (topology: Topology, plugins: readonly Plugin[], reading: FileReading): void => {
  for (const component of topology.components) {
    const baseline = baselineOf(component);
    if (!baseline) continue;
    const path = [sectionOf(component.kind), component.id, "baseline"];
    const file = fileSource(plugins);
    if (!file) reading.report.error("config/build", { path }, [component.id, noFiles]);
    const decode = (file?.options["include"] as Option<unknown> | undefined)?.["items"] as
      | { readonly decode?: (glob: string, catalogs: unknown) => unknown }
      | undefined;
    for (const [index, glob] of baseline.from.entries())
      try {
        decode?.decode?.(glob, reading.catalogs);
      } catch (error) {
        const message = (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
        reading.report.error("config/build", { path: [...path, "from", index] }, [component.id, message]);
      }
  }
};

const noFiles = 'a baseline is read by the source "file", which is not among the plugins';

/** The topology with what reads the baselines of its components. */
export const topologyWithBaselines = (topology: Topology, plugins: readonly Plugin[]): Topology => {
  const file = fileSource(plugins);
  const components = file ? withBaselines(topology.components, file) : topology.components;
  return components.length === topology.components.length ? topology : topologyOf(components, topology.shared);
};

/** What the components that read baselines are made of. */
export const partsOfBaselines = (
  { components }: Topology,
  parts: ReadonlyMap<string, Part>,
): readonly (readonly [string, Part])[] =>
  components.flatMap((component): readonly (readonly [string, Part])[] => {
    const { id, baselineOf: of, kind } = component;
    if (of === undefined) return [];
    if (kind === "source") return [[id, sourcePart(component)]];
    return [[id, parts.get(id.slice(id.lastIndexOf(":") + 1))!]];
  });

const sourcePart = ({ config, host }: Component): Part => {
  const settings = { ...(config as Readonly<Record<string, unknown>>), ...(host as object) };
  return { settings, shown: settings, uses: new Map(), files: new Map(), addresses: new Map() };
};
