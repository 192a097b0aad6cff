import { documentOf } from "../explain/document.ts";
import { explainPipeline } from "../explain/explain.ts";
import { explanationText } from "../explain/text/explanation-text.ts";
import { didYouMean } from "../problem.ts";
import { printable } from "../text.ts";
import type { Topology } from "../topology/topology.ts";
import { exitingOnSignals } from "./exit-on-signals.ts";
import { type GivenInput, NoInput, readInput, reportNoInput } from "./explain-input.ts";
import { loadPipelineFile } from "./load-file.ts";
import { trusted } from "./named-plugins.ts";
import { reportProblems } from "./report-problems.ts";
import { exit, type Terminal } from "./terminal.ts";

export interface ExplainOptions extends GivenInput {
  /** The component that the input enters. */
  readonly into?: string;
  /** When weir receives it, in milliseconds since 1970. */
  readonly at?: number;
  /** The time that passes afterwards, in milliseconds. */
  readonly advance: number;
  readonly json?: boolean;
}

/** Shows what a pipeline makes of events: component by component, step by step. */
export const explain = async (file: string, options: ExplainOptions, terminal: Terminal): Promise<number> => {
  const loaded = await loadPipelineFile(file);
  reportProblems(loaded, terminal);
  if (!loaded.ok) return exit.config;
  const { topology } = loaded.value;
  const { at = Date.now(), advance } = options;
  try {
    const into = entranceOf(topology, options.into);
    const input = await readInput(options, topology.components.find(({ id }) => id === into)!);
    const request = { into, input, at, advance };
    const explanation = await exitingOnSignals(() => explainPipeline(topology, request, trusted));
    for (const line of explanation.logged) terminal.error(`${printable(line)}\n`);
    const color = terminal.color.out;
    if (options.json) terminal.out(`${JSON.stringify(documentOf(explanation, topology), undefined, 2)}\n`);
    else terminal.out(explanationText(explanation, { topology, at, into, color }));
    if (explanation.failure !== undefined) terminal.error(`${printable(explanation.failure)}\n`);
    if (explanation.stories.length === 0) terminal.error(`"${into}" made no event of the input.\n`);
    return explanation.failure === undefined && explanation.stories.length > 0 ? exit.success : exit.failed;
  } catch (error) {
    return reportNoInput(error, terminal);
  }
};

/** The component that the input enters: the named one, or the only source. */
const entranceOf = ({ components }: Topology, named: string | undefined): string => {
  const ids = components.map(({ id }) => id);
  const sources = components.filter(({ kind }) => kind === "source").map(({ id }) => id);
  if (named === undefined) {
    if (sources.length === 1) return sources[0]!;
    throw new NoInput(`The pipeline has ${sources.length} sources. Choose one with --into: ${sources.join(", ")}.`);
  }
  if (ids.includes(named)) return named;
  const hint = didYouMean(named, ids) ?? `Available: ${ids.slice(0, 20).join(", ")}${ids.length > 20 ? ", …" : ""}.`;
  throw new NoInput(`The pipeline has no component "${named}". ${hint}`);
};
