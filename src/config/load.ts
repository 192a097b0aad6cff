import type { CodecPlugin } from "../codec.ts";
import { type Data, isObject } from "../json.ts";
import type { Catalog } from "../option/decoder.ts";
import type { Plugin } from "../plugin.ts";
import type { Result } from "../problem.ts";
import { type Component, type Topology, type Transforming, topologyOf } from "../topology/topology.ts";
import { partsOfBaselines, reportBaselines, topologyWithBaselines } from "./baselines.ts";
import { reportBuffers } from "./buffers.ts";
import { reportBuilds } from "./builds.ts";
import { codecCatalog } from "./codec-options.ts";
import { type Checked, type PackageCheck, readComponent } from "./component.ts";
import { connect, type OutputsById } from "./connect.ts";
import type { Part } from "./part.ts";
import { type PluginModules, pluginEntries, readCodecs, readPlugins } from "./plugin-list.ts";
import { readShared, type SharedValues } from "./read-shared.ts";
import { type ReferenceLookup, resolveReferences } from "./references.ts";
import { Report } from "./report.ts";
import { namedIn, readShell, sectionOf } from "./shell.ts";
import { checkSyntax } from "./syntax.ts";
import { YamlFile } from "./yaml-file.ts";

export interface Host extends ReferenceLookup {
  /** Name of the pipeline file, for messages. */
  readonly file: string;
  /** The plugins that every pipeline can use. */
  readonly plugins: readonly Plugin[];
  /** The codecs that every pipeline can use, beside `text` and `json`. */
  readonly codecs?: readonly CodecPlugin[];
  /** What the entries of the pipeline's `plugins` stand for. */
  readonly modules?: PluginModules;
  readonly rules: Catalog<unknown>;
  /** For the packages that plugins need; without it, all count as installed. */
  readonly hasPackage?: PackageCheck;
}

export interface Pipeline {
  readonly topology: Topology;
  /** The data dir that it names. */
  readonly dataDir: string | undefined;
  /** The file with references resolved, defaults filled in and secrets masked: safe to print. */
  readonly shown: Data;
  /** What each component was made of. */
  readonly parts: ReadonlyMap<string, Part>;
}

/** The text of a pipeline, parsed. */
export interface PipelineText {
  /** The packages and files that it names under `plugins`. */
  readonly modules: readonly string[];
  /** The plugins and codecs that it names, each as its kind and name: `source file`. */
  readonly named: readonly string[];
  /** Checks everything: returns the pipeline, or all that is wrong with it. */
  load(host: Omit<Host, "file">): Result<Pipeline>;
}

/** Parses the text of a pipeline file, so that the modules it names can be loaded before it is checked. */
export const readPipeline = (text: string, name: string): PipelineText => {
  const file = new YamlFile(name, text);
  const report = new Report(file);
  const isSound = checkSyntax(file, report);
  const root: unknown = isSound ? file.document.toJS() : undefined;
  return {
    modules: pluginEntries(root),
    named: namedIn(root),
    load: (host) => (isSound ? check(file, report, host) : { ok: false, problems: report.problems }),
  };
};

/**
 * Turns the text of a file into a pipeline, or into everything that is wrong with it. It is pure: files, environment,
 * plugins and rules come from `host`. A pipeline that it accepts is not checked again when it runs.
 */
export const loadPipeline = (text: string, { file, ...host }: Host): Result<Pipeline> =>
  readPipeline(text, file).load(host);

const check = (file: YamlFile, report: Report, host: Omit<Host, "file">): Result<Pipeline> => {
  const origins = resolveReferences(file, report, host);
  const root: unknown = file.document.toJS();
  const { modules = new Map() } = host;
  const plugins = readPlugins(root, host.plugins, modules, report);
  const codecs = codecCatalog(readCodecs(root, host.codecs ?? [], modules, report));
  const written = readShell(root, report);
  const reading = { file, report, origins, catalogs: { rules: host.rules, codecs } };
  const shared = readShared(isObject(root) ? root : {}, reading);
  const { data_dir: dataDir, ...said } = shared.decoded;
  const checked = written.flatMap((component) => readComponent(component, plugins, reading, host.hasPackage) ?? []);
  const inputs = connect(written, outputsOf(checked), report);
  const components = checked.map(({ component }) => ({ ...component, inputs: inputs.get(component.id) }) as Component);
  const topology = report.failed ? undefined : topologyOf(components, said);
  if (topology) reportBuffers(topology, file, report);
  if (topology && !report.failed) reportBuilds(topology, reading);
  if (topology && !report.failed) reportBaselines(topology, host.plugins, reading);
  const whole = topology && topologyWithBaselines(topology, host.plugins);
  const parts = new Map(
    checked.map(({ component, part }) => [component.id, partWith(part, component.kind, shared.shown)]),
  );
  return report.result(() => {
    const shown = checked.map(({ component: { id, kind }, part }) => ({
      section: sectionOf(kind),
      id,
      shown: part.shown,
    }));
    const listed = pluginEntries(root);
    return {
      topology: whole!,
      dataDir,
      shown: { ...(listed.length > 0 && { plugins: listed }), ...shared.shown, ...bySection(shown) },
      parts: new Map([...parts, ...partsOfBaselines(whole!, parts)]),
    };
  });
};

/** Events of a source have what the pipeline says about all components, and the transforms behind it start again with it. */
const partWith = (part: Part, kind: Plugin["kind"], { data_dir: _, ...shared }: SharedValues["shown"]): Part =>
  kind === "source" ? { ...part, shared } : part;

const outputsOf = (checked: readonly Checked[]): OutputsById =>
  new Map(
    checked.map(({ component }) => {
      const { outputs = [], dropOutputs = [] } = component.host as Partial<Transforming>;
      const { plugin } = component;
      const hasDefault = plugin.kind !== "transform" || plugin.defaultOutput !== false;
      return [component.id, { outputs, dropOutputs, hasDefault }];
    }),
  );

const bySection = (
  components: readonly { readonly section: string; readonly id: string; readonly shown: Data }[],
): Data => {
  const sections = Map.groupBy(components, ({ section }) => section);
  return Object.fromEntries(
    [...sections].map(([section, list]) => [section, Object.fromEntries(list.map(({ id, shown }) => [id, shown]))]),
  );
};
