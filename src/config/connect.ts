import { defaultOutput } from "../batch.ts";
import { compileGlob } from "../glob.ts";
import { didYouMean } from "../problem.ts";
import { idOf, outputReference } from "../topology/reference.ts";
import type { Report } from "./report.ts";
import type { Written } from "./shell.ts";
import type { Path } from "./source-file.ts";

/** The outputs that each component takes: globs resolved, in declared order, without repeats. */
export type Inputs = ReadonlyMap<string, readonly string[]>;

interface Input {
  /** Id of the component that it feeds, and the output that it comes from. */
  readonly to: string;
  readonly from: string;
  readonly path: Path;
}

/** Names of a component's outputs besides the default one, and of those that are discarded. */
interface DeclaredOutputs {
  readonly outputs: readonly string[];
  readonly dropOutputs: readonly string[];
  /** Whether it has the default output, too. */
  readonly hasDefault: boolean;
}

const noOutputs: DeclaredOutputs = { outputs: [], dropOutputs: [], hasDefault: true };

/** The outputs of each component by id; components with errors of their own are missing. */
export type OutputsById = ReadonlyMap<string, DeclaredOutputs>;

/** What inputs are looked up in. */
interface Known {
  readonly components: ReadonlyMap<string, Written>;
  readonly outputs: OutputsById;
  /** Ids of the components that can be inputs. */
  readonly givers: readonly string[];
  /** Everything that an input can name, in declared order. */
  readonly references: ReadonlySet<string>;
}

const knownOf = (written: readonly Written[], outputs: OutputsById): Known => {
  const givers = written.filter(({ kind }) => kind !== "sink").map(({ id }) => id);
  const named = (id: string) => outputs.get(id)?.outputs.map((name) => `${id}.${name}`) ?? [];
  return {
    // The first of a repeated id counts; the others have been reported.
    components: new Map(written.toReversed().map((component) => [component.id, component])),
    outputs,
    givers,
    references: new Set(givers.flatMap((id) => [...(outputs.get(id)?.hasDefault === false ? [] : [id]), ...named(id)])),
  };
};

/** Resolves the inputs of every component; reports unknown inputs and outputs, cycles and unused outputs. */
export const connect = (written: readonly Written[], outputs: OutputsById, report: Report): Inputs => {
  const known = knownOf(written, outputs);
  const edges = written.flatMap((component) => inputsOf(component, known, report));
  reportCycles(edges, report);
  reportNames(written, outputs, report);
  // A misspelt input also leaves an output unused: with errors, that would be noise.
  if (!report.failed) reportUnused(written, outputs, edges, report);
  const inputs = new Map<string, Set<string>>(written.map(({ id }) => [id, new Set()]));
  for (const { to, from } of edges) inputs.get(to)?.add(from);
  return new Map([...inputs].map(([id, from]) => [id, [...from]]));
};

const inputsOf = ({ id, kind, path, values }: Written, known: Known, report: Report): Input[] => {
  const patterns = values?.["inputs"];
  if (kind === "source" || !Array.isArray(patterns)) return [];
  return patterns.flatMap((pattern, index) => {
    if (typeof pattern !== "string") return [];
    const at = [...path, "inputs", index];
    const from = pattern.includes("*")
      ? matching(pattern, id, known.references)
      : known.references.has(pattern)
        ? [pattern]
        : [];
    if (idOf(pattern) === id) report.error("config/self-input", { path: at }, [id]);
    else if (from.length === 0) reportUnknown(pattern, at, known, report);
    return from.filter((giver) => idOf(giver) !== id).map((giver) => ({ to: id, from: giver, path: at }));
  });
};

/** `*` stands for any part of an id, or of the name of an output. A component's own globs never match itself. */
const matching = (glob: string, id: string, known: ReadonlySet<string>): string[] => {
  const segments = glob.split(".").map((segment) => compileGlob(segment.split("*")));
  const matches = (giver: string): boolean => {
    const names = giver.split(".");
    return names.length === segments.length && segments.every((test, index) => test(names[index]!));
  };
  return [...known].filter((giver) => idOf(giver) !== id && matches(giver));
};

const reportUnknown = (input: string, path: Path, { components, outputs, givers }: Known, report: Report): void => {
  const { id, output } = outputReference(input);
  const named = components.get(id);
  if (named?.kind === "sink") {
    report.error("config/sink-as-input", { path }, [id], "Name the component that feeds it.");
    return;
  }
  if (named && (output !== undefined || outputs.get(id)?.hasDefault === false)) {
    // A component with errors of its own has none: those have been reported.
    if (outputs.has(id)) reportNoOutput(id, output, path, outputs, report);
    return;
  }
  // Comparing every unknown input with every id of a very large pipeline would take minutes.
  const similar = givers.length > 1000 ? undefined : didYouMean(input, givers);
  const hint = similar ?? (givers.length > 0 ? `Available: ${someOf(givers)}.` : undefined);
  report.error("config/unknown-input", { path }, [input], hint);
};

const someOf = (names: readonly string[]): string =>
  names.length > 20 ? `${names.slice(0, 20).join(", ")} and ${names.length - 20} more` : names.join(", ");

const reportNoOutput = (
  id: string,
  output: string | undefined,
  path: Path,
  outputs: OutputsById,
  report: Report,
): void => {
  const { outputs: known = [], hasDefault = true } = outputs.get(id) ?? {};
  const all = [...(hasDefault ? [id] : []), ...known.map((name) => `${id}.${name}`)];
  const hint =
    known.length === 0
      ? `It has one output: name it as "${id}".`
      : ((output === undefined ? undefined : didYouMean(output, known)) ?? `Its outputs are ${all.join(", ")}.`);
  report.error("config/unknown-output", { path }, [id, output], hint);
};

/** Reports outputs with unusable names, and discarded outputs that do not exist. */
const reportNames = (written: readonly Written[], outputs: OutputsById, report: Report): void => {
  for (const { id, path } of written) {
    const { outputs: names, dropOutputs } = outputs.get(id) ?? noOutputs;
    for (const [index, name] of names.entries())
      if (!/^[A-Za-z0-9_-]+$/.test(name) || name === defaultOutput || names.indexOf(name) < index)
        report.error("config/unusable-output", { path, key: true }, [id, name]);
    for (const [index, name] of dropOutputs.entries())
      if (name !== defaultOutput && !names.includes(name))
        reportNoOutput(id, name, [...path, "drop_outputs", index], outputs, report);
  }
};

/** Walks inputs upwards, depth first; an input that is already on the walk closes a cycle. */
const reportCycles = (edges: readonly Input[], report: Report): void => {
  const edgesTo = Map.groupBy(edges, ({ to }) => to);
  const done = new Set<string>();
  const walk: string[] = [];
  /** Of each component on the walk: its position, and its inputs that are still to be visited. */
  const onWalk = new Map<string, { readonly position: number; readonly rest: Iterator<Input> }>();
  const enter = (id: string) => {
    onWalk.set(id, { position: walk.length, rest: (edgesTo.get(id) ?? []).values() });
    walk.push(id);
  };
  for (const start of edgesTo.keys()) {
    if (!done.has(start)) enter(start);
    for (let id = walk.at(-1); id !== undefined; id = walk.at(-1)) {
      const { value: edge } = onWalk.get(id)!.rest.next();
      if (edge) {
        const from = idOf(edge.from);
        const closing = onWalk.get(from);
        if (closing) reportCycle([from, ...walk.slice(closing.position).toReversed()], edge.path, report);
        else if (!done.has(from)) enter(from);
      } else {
        walk.pop();
        onWalk.delete(id);
        done.add(id);
      }
    }
  }
};

const reportCycle = (cycle: readonly string[], path: Path, report: Report): void => {
  const shown = cycle.length > 12 ? [...cycle.slice(0, 6), "…", ...cycle.slice(-5)] : cycle;
  report.error("config/cycle", { path }, [shown], "Remove one of these inputs.");
};

const reportUnused = (
  written: readonly Written[],
  outputs: OutputsById,
  edges: readonly Input[],
  report: Report,
): void => {
  const used = new Map(edges.map(({ from, to }) => [from, to]));
  for (const { id, kind, path } of written) {
    if (kind === "sink") continue;
    const { outputs: named, dropOutputs } = outputs.get(id) ?? noOutputs;
    if (named.length === 0) {
      const hint = "Add it to the inputs of a sink or transform, or remove it.";
      if (!used.has(id)) report.warning("config/unused-output", { path, key: true }, [id], hint);
      continue;
    }
    for (const name of [defaultOutput, ...named]) {
      const reference = name === defaultOutput ? id : `${id}.${name}`;
      const reader = used.get(reference);
      const isDropped = dropOutputs.includes(name);
      const hint = `Add "${reference}" to the inputs of a component, or "${name}" to "drop_outputs".`;
      if (!reader && !isDropped) report.error("config/unread-output", { path, key: true }, [id, name], hint);
      if (reader && isDropped) {
        const at = [...path, "drop_outputs", dropOutputs.indexOf(name)];
        report.error("config/dropped-output", { path: at }, [id, name, reader], "Remove one of them.");
      }
    }
  }
};
