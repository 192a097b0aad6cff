import { didYouMean } from "../problem.ts";
import type { Report } from "./report.ts";
import type { Written } from "./shell.ts";
import type { Path } from "./yaml-file.ts";

/** The ids that each component's inputs name, globs resolved, in declared order and each once. */
export type Inputs = ReadonlyMap<string, readonly string[]>;

interface Input {
  /** Id of the component that it feeds, and of the one that it comes from. */
  readonly to: string;
  readonly from: string;
  readonly path: Path;
}

/** Resolves the inputs of every component, and tells those that lead nowhere, cycles, and outputs that nobody takes. */
export const connect = (written: readonly Written[], report: Report): Inputs => {
  const edges = written.flatMap((component) => inputsOf(component, written, report));
  tellCycles(edges, report);
  // An input that is misspelt leaves its source unused: errors are told first, and only as what they are.
  if (!report.failed) tellUnused(written, edges, report);
  const inputs = new Map<string, string[]>(written.map(({ id }) => [id, []]));
  for (const { to, from } of edges) if (!inputs.get(to)?.includes(from)) inputs.get(to)?.push(from);
  return inputs;
};

const inputsOf = ({ id, kind, path, values }: Written, written: readonly Written[], report: Report): Input[] => {
  const patterns = values?.["inputs"];
  if (kind === "source" || !Array.isArray(patterns)) return [];
  const givers = written.filter((component) => component.kind !== "sink").map((component) => component.id);
  return patterns.flatMap((pattern, index) => {
    if (typeof pattern !== "string") return [];
    const at = [...path, "inputs", index];
    const from = pattern.includes("*") ? matching(pattern, id, givers) : givers.filter((giver) => giver === pattern);
    if (pattern === id) report.error("config/self-input", { path: at }, [id]);
    else if (from.length === 0) tellUnknown(pattern, at, written, report);
    return from.filter((giver) => giver !== id).map((giver) => ({ to: id, from: giver, path: at }));
  });
};

/** A component is not among what its own globs match. */
const matching = (glob: string, id: string, givers: readonly string[]): string[] => {
  const literals = glob.split("*").map((part) => part.replace(/[.\\+?^${}()|[\]]/g, "\\$&"));
  const pattern = new RegExp(`^${literals.join(".*")}$`);
  return givers.filter((giver) => giver !== id && pattern.test(giver));
};

const tellUnknown = (input: string, path: Path, written: readonly Written[], report: Report): void => {
  if (written.some(({ id, kind }) => id === input && kind === "sink")) {
    report.error("config/sink-as-input", { path }, [input], "Name the component that feeds it.");
    return;
  }
  const givers = written.filter(({ kind }) => kind !== "sink").map(({ id }) => id);
  const hint = didYouMean(input, givers) ?? (givers.length > 0 ? `There are ${givers.join(", ")}.` : undefined);
  report.error("config/unknown-input", { path }, [input], hint);
};

/** Walks inputs upwards, depth first; an input that leads back to where the walk is closes a cycle. */
const tellCycles = (edges: readonly Input[], report: Report): void => {
  const done = new Set<string>();
  const walk: string[] = [];
  const visit = (id: string) => {
    walk.push(id);
    for (const { to, from, path } of edges) {
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

const tellUnused = (written: readonly Written[], edges: readonly Input[], report: Report): void => {
  const used = new Set(edges.map(({ from }) => from));
  for (const { id, kind, path } of written)
    if (kind !== "sink" && !used.has(id))
      report.warning(
        "config/unused-output",
        { path, key: true },
        [id],
        "Name it among the inputs of a sink, or take it away.",
      );
};
