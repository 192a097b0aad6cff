import type { Log } from "../context.ts";
import type { Input } from "../pipeline-tests/format/test.ts";
import { inDataDir } from "../pipeline-tests/run/data-dir.ts";
import { type Staged, stage } from "../pipeline-tests/run/doubles.ts";
import { Life, NotReady } from "../pipeline-tests/run/life.ts";
import type { Plugin } from "../plugin.ts";
import type { DeadLetter } from "../runtime/dead-letters/letter-files.ts";
import { type Topology, topologyOf } from "../topology/topology.ts";
import { virtualClock } from "../virtual-clock.ts";
import { Journal, type Story } from "./journal.ts";
import { watched } from "./watch/watched.ts";

export interface ExplainRequest {
  /** The component that the input enters. */
  readonly into: string;
  readonly input: Input;
  /** When weir receives it, in milliseconds since 1970. */
  readonly at: number;
  /** How much time passes afterwards, in milliseconds. */
  readonly advance: number;
}

/** What happened to events in a pipeline. */
export interface Explanation {
  /** The events that entered and those that components made from their state. */
  readonly stories: readonly Story[];
  /** How many more events there were. */
  readonly left: number;
  /** Warnings and errors that components logged. */
  readonly logged: readonly string[];
  /** Why the run ended before its time, if it did. */
  readonly failure: string | undefined;
}

/**
 * Runs a pipeline on an input and writes down what happens, component by component. It is the runtime of `run`, on a data
 * dir and a clock of its own, with other sources and sinks. `trusted`: plugins that are known not to change data.
 */
export const explainPipeline = (
  topology: Topology,
  request: ExplainRequest,
  trusted: ReadonlySet<Plugin>,
): Promise<Explanation> => inDataDir((dataDir) => explained(topology, request, trusted, dataDir));

const explained = async (
  topology: Topology,
  { into, input, at, advance }: ExplainRequest,
  trusted: ReadonlySet<Plugin>,
  dataDir: string,
): Promise<Explanation> => {
  const journal = new Journal();
  const plugins = new Set(trusted);
  const staged = stage(topology, { steps: [{ kind: "send", line: 0, into, input }] });
  const logged: string[] = [];
  const life = await Life.start({
    staged: { ...staged, topology: watchedTopology(staged, journal, plugins) },
    dataDir,
    clock: virtualClock(at),
    log: logInto(logged),
    trusted: plugins,
  }).catch((error: unknown) => {
    if (error instanceof NotReady) return error;
    throw error;
  });
  if (life instanceof NotReady) return { stories: [], left: 0, logged, failure: life.message };
  await life.settle();
  staged.feeds.get(into)!.send(input);
  await life.settle();
  // Calls that failed are tried again only when time passes.
  const patience = Math.max(0, ...callingTimes(topology, life));
  if (patience > 0) await life.advance(patience);
  if (advance > 0) await life.advance(advance);
  await life.commit();
  const { failure } = life;
  for (const [sink, { left }] of staged.arrivals) for (const arrival of left) journal.arrived(sink, arrival);
  if (failure === undefined) for (const letter of await life.letters()) takeLetter(letter, journal);
  await life.crash();
  return { stories: journal.stories, left: journal.left, logged, failure };
};

const watchedTopology = ({ topology }: Staged, journal: Journal, trusted: Set<Plugin>): Topology =>
  topologyOf(
    topology.components.map((component) => {
      if (component.kind !== "transform") return component;
      const other = watched(component, journal);
      if (trusted.has(component.plugin)) trusted.add(other.plugin);
      return other;
    }),
  );

const logInto =
  (lines: string[]) =>
  (component: string): Log => {
    // Lines with a reason are about events, which the explanation shows.
    const at =
      (level: string): Log["warn"] =>
      (message, fields) =>
        fields?.["reason"] === undefined && void lines.push(`${level} ${component}: ${message}`);
    return { debug: () => undefined, info: () => undefined, warn: at("warn"), error: at("error") };
  };

/** The time limits of calls that have not ended, in milliseconds. */
const callingTimes = ({ components }: Topology, { stats }: Life): readonly number[] =>
  components.flatMap(({ id, kind, host }) =>
    kind === "transform" && host.calling && stats.components[id]!.component_in_flight_events > 0
      ? [host.calling.timeout]
      : [],
  );

/** What the dead letter has counts more than what a step returned, which may have broken its contract. */
const takeLetter = ({ head, data }: DeadLetter, journal: Journal): void => {
  const { component, source, id, reason, message } = head;
  const visit = journal.visitOf(component, id);
  if (visit) {
    if (visit.rejected.some((part) => part.id === id)) return;
    visit.sent = visit.sent.filter((sent) => sent.id !== id);
    visit.rejected = [...visit.rejected, { id, reason, message }];
  } else if (component === source) journal.undecoded(id, { source, reason, message, json: data });
};
