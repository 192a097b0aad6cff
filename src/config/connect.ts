import { didYouMean } from "../problem.ts";
import type { Report } from "./report.ts";
import type { Written } from "./shell.ts";
import type { Path } from "./yaml-file.ts";

/** The ids of each component's inputs: globs resolved, in declared order, without repeats. */
export type Inputs = ReadonlyMap<string, readonly string[]>;

interface Input {
  /** Ids of the component that it feeds, and of the one that it comes from. */
  readonly to: string;
  readonly from: string;
  readonly path: Path;
}

/** Resolves the inputs of every component; reports unknown inputs, cycles and unused outputs. */
export const connect = (written: readonly Written[], report: Report): Inputs => {
  const edges = written.flatMap((component) => inputsOf(component, written, report));
  reportCycles(edges, report);
  // A misspelt input also leaves an output unused: with errors, that warning would be noise.
  if (!report.failed) reportUnused(written, edges, report);
  const inputs = new Map<string, string[]>(written.map(({ id }) => [id, []]));
  for (const { to, from } of edges) if (!inputs.get(to)?.includes(from)) inputs.get(to)?.push(from);
  return inputs;
};

const inputsOf = ({ id, kind, path, values }: Written, written: readonly Written[], report: Report): Input[] => {
  const patterns = values?.["inputs"];
  if (kind === "source" || !Array.isArray(patterns)) return [];
  const outputs = written.filter((component) => component.kind !== "sink").map((component) => component.id);
  return patterns.flatMap((pattern, index) => {
    if (typeof pattern !== "string") return [];
    const at = [...path, "inputs", index];
    const from = pattern.includes("*")
      ? matching(pattern, id, outputs)
      : outputs.filter((output) => output === pattern);
    if (pattern === id) report.error("config/self-input", { path: at }, [id]);
    else if (from.length === 0) reportUnknown(pattern, at, written, report);
    return from.filter((output) => output !== id).map((output) => ({ to: id, from: output, path: at }));
  });
};

/** A component's own globs never match itself. */
const matching = (glob: string, id: string, outputs: readonly string[]): string[] => {
  const literals = glob.split("*").map((part) => part.replace(/[.\\+?^${}()|[\]]/g, "\\$&"));
  const pattern = new RegExp(`^${literals.join(".*")}$`);
  return outputs.filter((output) => output !== id && pattern.test(output));
};

const reportUnknown = (input: string, path: Path, written: readonly Written[], report: Report): void => {
  if (written.some(({ id, kind }) => id === input && kind === "sink")) {
    report.error("config/sink-as-input", { path }, [input], "Name the component that feeds it.");
    return;
  }
  const outputs = written.filter(({ kind }) => kind !== "sink").map(({ id }) => id);
  const hint = didYouMean(input, outputs) ?? (outputs.length > 0 ? `Available: ${outputs.join(", ")}.` : undefined);
  report.error("config/unknown-input", { path }, [input], hint);
};

/** Walks inputs upwards, depth first; an input that is already on the walk closes a cycle. */
const reportCycles = (edges: readonly Input[], report: Report): void => {
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
        report.error("config/cycle", { path }, [cycle], "Remove one of these inputs.");
      }
    }
    walk.pop();
    done.add(id);
  };
  for (const { to } of edges) if (!done.has(to)) visit(to);
};

const reportUnused = (written: readonly Written[], edges: readonly Input[], report: Report): void => {
  const used = new Set(edges.map(({ from }) => from));
  for (const { id, kind, path } of written)
    if (kind !== "sink" && !used.has(id))
      report.warning(
        "config/unused-output",
        { path, key: true },
        [id],
        "Add it to the inputs of a sink or transform, or remove it.",
      );
};
