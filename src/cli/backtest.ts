import { type BacktestRequest, type Moment, backtest as run } from "../backtest/backtest.ts";
import { type BacktestDocument, documentOf } from "../backtest/document.ts";
import { pageOf, rateText } from "../backtest/page.ts";
import { type Detecting, detectingBehind } from "../backtest/staged.ts";
import { backtestText } from "../backtest/text.ts";
import { withoutLearning } from "../baseline/components.ts";
import type { Rule } from "../detection/rule.ts";
import { compileGlob } from "../glob.ts";
import { didYouMean } from "../problem.ts";
import { printable } from "../text.ts";
import { withOwnState } from "../topology/own-state.ts";
import type { Topology } from "../topology/topology.ts";
import { exitingOnSignals } from "./exit-on-signals.ts";
import { inputFiles, NoInputFiles } from "./input-files.ts";
import { loadPipelineFile } from "./load-file.ts";
import { trusted } from "./named-plugins.ts";
import { ProgressLine } from "./progress-line.ts";
import { reportProblems } from "./report-problems.ts";
import { exit, type Terminal } from "./terminal.ts";

export interface BacktestOptions {
  readonly input: readonly string[];
  readonly source?: string;
  readonly since?: Moment;
  readonly until?: Moment;
  /** Names, ids or tags of rules; `*` stands for any text. */
  readonly rule?: readonly string[];
  /** The field with the time of each event. */
  readonly time?: string;
  /** Fails if a rule raises more alerts a day. */
  readonly failAbove?: number;
  readonly json?: boolean;
}

/** Why there can be no such backtest: a message for people. */
class NoBacktest extends Error {}

/** Says which alerts a pipeline would have raised on recorded files. */
export const backtest = async (file: string, options: BacktestOptions, terminal: Terminal): Promise<number> => {
  const loaded = await loadPipelineFile(file);
  reportProblems(loaded, terminal);
  if (!loaded.ok) return exit.config;
  // A backtest takes the place of a period of learning.
  const topology = withOwnState(withoutLearning(loaded.value.topology));
  try {
    const source = sourceOf(topology, options.source);
    const detecting = detectingOf(topology, source);
    const isChosen = chosenRules(detecting, options.rule);
    const { since, until, time } = options;
    if (since && until && "at" in since && "at" in until && since.at >= until.at)
      throw new NoBacktest("Nothing is left between --since and --until: --since must be the earlier of the two.");
    const files = inputFiles(options.input);
    const request = { source, files, detecting, isChosen, time, since, until };
    const result = await withProgress(terminal, (onStart) => run(topology, { ...request, onStart }, trusted));
    const sinks = topology.components.filter(({ kind }) => kind === "sink").map(({ id }) => id);
    const document = documentOf(result, { pipeline: file, source, files, sinks });
    const width = Math.min(terminal.width, 80);
    if (options.json) terminal.out(`${JSON.stringify(document, undefined, 2)}\n`);
    else terminal.out(backtestText(document, pageOf(width, terminal.color.out)));
    if (result.failure !== undefined) terminal.error(`${printable(result.failure)}\n`);
    if (document.events.read === 0)
      terminal.error(`No event was read from the files${until ? " up to --until" : ""}.\n`);
    const isLoud = options.failAbove !== undefined && tellLoud(document, options.failAbove, terminal);
    return result.failure !== undefined || document.events.read === 0 || isLoud ? exit.failed : exit.success;
  } catch (error) {
    if (!(error instanceof NoBacktest || error instanceof NoInputFiles)) throw error;
    terminal.error(`${printable(error.message)}\n`);
    return exit.usage;
  }
};

const withProgress = async <T>(
  { isInteractive = false }: Terminal,
  work: (onStart: NonNullable<BacktestRequest["onStart"]>) => Promise<T>,
): Promise<T> => {
  const progress = new ProgressLine();
  try {
    return await exitingOnSignals(() =>
      work((stats) => {
        if (isInteractive && process.env["TERM"] !== "dumb") progress.start(stats);
      }),
    );
  } finally {
    progress.end();
  }
};

/** The source that the files replace: the named one, or the only one. */
const sourceOf = ({ components }: Topology, named: string | undefined): string => {
  const sources = components.filter(({ kind }) => kind === "source").map(({ id }) => id);
  const all = sources.join(", ");
  if (named !== undefined && !sources.includes(named))
    throw new NoBacktest(
      `The pipeline has no source "${named}". ${didYouMean(named, sources) ?? `Available: ${all}.`}`,
    );
  if (named === undefined && sources.length > 1)
    throw new NoBacktest(
      `The pipeline has ${sources.length} sources. Name the one that the files replace with --source: ${all}.`,
    );
  return named ?? sources[0]!;
};

const detectingOf = (topology: Topology, source: string): readonly Detecting[] => {
  const detecting = detectingBehind(topology, source);
  if (detecting.length === 0)
    throw new NoBacktest(
      `No detection rule sees the events of "${source}". Add a transform of type "detection" that gets them, or name another source with --source.`,
    );
  return detecting;
};

const chosenRules = (detecting: readonly Detecting[], patterns: readonly string[] | undefined) => {
  if (!patterns) return () => true;
  const all = detecting.flatMap(({ rules }) => rules);
  const globs = patterns.map((pattern) => ({ pattern, fits: compileGlob(pattern.split("*")) }));
  const isNamed = ({ name, id, tags }: Rule, fits: (text: string) => boolean) => [name, id, ...tags].some(fits);
  for (const { pattern, fits } of globs) {
    if (all.some((rule) => isNamed(rule, fits))) continue;
    const names = all.map(({ name }) => name);
    throw new NoBacktest(
      `The pipeline runs no rule "${pattern}". ${didYouMean(pattern, names) ?? `It runs: ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", …" : ""}.`}`,
    );
  }
  return (rule: Rule) => globs.some(({ fits }) => isNamed(rule, fits));
};

/** Names the rules that raise more alerts a day than they may. Returns whether there are any. */
const tellLoud = ({ rules }: BacktestDocument, most: number, terminal: Terminal): boolean => {
  const loud = rules.filter(({ alerts_per_day }) => alerts_per_day > most);
  for (const { rule, alerts_per_day } of loud)
    terminal.error(`${rule} raises ${rateText(alerts_per_day)} alerts a day, more than ${most}.\n`);
  return loud.length > 0;
};
