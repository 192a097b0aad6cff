import { defaultOutput } from "../batch.ts";
import { didYouMean } from "../problem.ts";
import { idOf, outputReference } from "../topology/reference.ts";
import type { Report } from "./report.ts";
import type { Written } from "./shell.ts";
import type { Path } from "./yaml-file.ts";

/** The outputs that each component's inputs name, globs resolved, in declared order and each once. */
export type Inputs = ReadonlyMap<string, readonly string[]>;

interface Input {
  /** Id of the component that it feeds, and the output that it comes from. */
  readonly to: string;
  readonly from: string;
  readonly path: Path;
}

/** The outputs of a component that is sound: the names of those beside the default one, and which are discarded. */
export interface DeclaredOutputs {
  readonly outputs: readonly string[];
  readonly dropOutputs: readonly string[];
}

/** What inputs are resolved against: by id, the outputs of each component; those with errors of their own are missing. */
export type OutputsById = ReadonlyMap<string, DeclaredOutputs>;

/** Resolves the inputs of every component, and tells those that lead nowhere, cycles, and outputs that nobody takes. */
export const connect = (written: readonly Written[], outputs: OutputsById, report: Report): Inputs => {
  const edges = written.flatMap((component) => inputsOf(component, written, outputs, report));
  tellCycles(edges, report);
  tellNames(written, outputs, report);
  // An input that is misspelt leaves its source unused: errors are told first, and only as what they are.
  if (!report.failed) tellUnused(written, outputs, edges, report);
  const inputs = new Map<string, string[]>(written.map(({ id }) => [id, []]));
  for (const { to, from } of edges) if (!inputs.get(to)?.includes(from)) inputs.get(to)?.push(from);
  return inputs;
};

const inputsOf = (
  { id, kind, path, values }: Written,
  written: readonly Written[],
  outputs: OutputsById,
  report: Report,
): Input[] => {
  const patterns = values?.["inputs"];
  if (kind === "source" || !Array.isArray(patterns)) return [];
  const givers = written.filter((component) => component.kind !== "sink").map((component) => component.id);
  const known = givers.flatMap((giver) => [
    giver,
    ...(outputs.get(giver)?.outputs ?? []).map((name) => `${giver}.${name}`),
  ]);
  return patterns.flatMap((pattern, index) => {
    if (typeof pattern !== "string") return [];
    const at = [...path, "inputs", index];
    const from = pattern.includes("*") ? matching(pattern, id, known) : known.filter((giver) => giver === pattern);
    if (idOf(pattern) === id) report.error("config/self-input", { path: at }, [id]);
    else if (from.length === 0) tellUnknown(pattern, at, written, outputs, report);
    return from.filter((giver) => idOf(giver) !== id).map((giver) => ({ to: id, from: giver, path: at }));
  });
};

/** `*` stands for any part of an id, or of the name of an output. A component is not among what its own globs match. */
const matching = (glob: string, id: string, known: readonly string[]): string[] => {
  const literals = glob.split("*").map((part) => part.replace(/[.\\+?^${}()|[\]]/g, "\\$&"));
  const pattern = new RegExp(`^${literals.join("[^.]*")}$`);
  return known.filter((giver) => idOf(giver) !== id && pattern.test(giver));
};

const tellUnknown = (
  input: string,
  path: Path,
  written: readonly Written[],
  outputs: OutputsById,
  report: Report,
): void => {
  const { id, output } = outputReference(input);
  const named = written.find((component) => component.id === id);
  if (named?.kind === "sink") {
    report.error("config/sink-as-input", { path }, [id], "Name the component that feeds it.");
    return;
  }
  if (named && output !== undefined) {
    // What is wrong with the component itself has been told.
    if (outputs.has(id)) tellNoOutput(id, output, path, outputs, report);
    return;
  }
  const givers = written.filter(({ kind }) => kind !== "sink").map((component) => component.id);
  const hint = didYouMean(input, givers) ?? (givers.length > 0 ? `There are ${givers.join(", ")}.` : undefined);
  report.error("config/unknown-input", { path }, [input], hint);
};

const tellNoOutput = (id: string, output: string, path: Path, outputs: OutputsById, report: Report): void => {
  const known = outputs.get(id)?.outputs ?? [];
  const hint =
    known.length === 0
      ? `It has one output: name it as "${id}".`
      : (didYouMean(output, known) ?? `Its outputs are ${[id, ...known.map((name) => `${id}.${name}`)].join(", ")}.`);
  report.error("config/unknown-output", { path }, [id, output], hint);
};

/** Tells outputs that cannot be named, and discarded ones that are not there. */
const tellNames = (written: readonly Written[], outputs: OutputsById, report: Report): void => {
  for (const { id, path } of written) {
    const { outputs: names, dropOutputs } = outputs.get(id) ?? { outputs: [], dropOutputs: [] };
    for (const [index, name] of names.entries())
      if (!/^[A-Za-z0-9_-]+$/.test(name) || name === defaultOutput || names.indexOf(name) < index)
        report.error("config/unusable-output", { path, key: true }, [id, name]);
    for (const [index, name] of dropOutputs.entries())
      if (name !== defaultOutput && !names.includes(name))
        tellNoOutput(id, name, [...path, "drop_outputs", index], outputs, report);
  }
};

/** Walks inputs upwards, depth first; an input that leads back to where the walk is closes a cycle. */
const tellCycles = (edges: readonly Input[], report: Report): void => {
  const done = new Set<string>();
  const walk: string[] = [];
  const visit = (id: string) => {
    walk.push(id);
    for (const { to, from: input, path } of edges) {
      const from = idOf(input);
      if (to !== id || done.has(from)) continue;
      const start = walk.indexOf(from);
      if (start < 0) visit(from);
      else {
        const cycle = [from, ...walk.slice(start).toReversed()];
        report.error("config/cycle", { path }, [cycle], "Take one of these inputs away.");
      }
    }
    walk.pop();
    done.add(id);
  };
  for (const { to } of edges) if (!done.has(to)) visit(to);
};

const tellUnused = (
  written: readonly Written[],
  outputs: OutputsById,
  edges: readonly Input[],
  report: Report,
): void => {
  const used = new Map(edges.map(({ from, to }) => [from, to]));
  for (const { id, kind, path } of written) {
    if (kind === "sink") continue;
    const { outputs: named, dropOutputs } = outputs.get(id) ?? { outputs: [], dropOutputs: [] };
    if (named.length === 0) {
      const hint = "Name it among the inputs of a sink, or take it away.";
      if (!used.has(id)) report.warning("config/unused-output", { path, key: true }, [id], hint);
      continue;
    }
    for (const name of [defaultOutput, ...named]) {
      const reference = name === defaultOutput ? id : `${id}.${name}`;
      const reader = used.get(reference);
      const isDropped = dropOutputs.includes(name);
      const hint = `Name "${reference}" among the inputs of a component, or "${name}" under "drop_outputs".`;
      if (!reader && !isDropped) report.error("config/unread-output", { path, key: true }, [id, name], hint);
      if (reader && isDropped) {
        const at = [...path, "drop_outputs", dropOutputs.indexOf(name)];
        report.error("config/dropped-output", { path: at }, [id, name, reader], "Take one of them away.");
      }
    }
  }
};
