import type { Log } from "../context.ts";
import type { DecoderOptions } from "../decode/decoder.ts";
import type { Rule } from "../detection/rule.ts";
import { inDataDir } from "../pipeline-tests/run/data-dir.ts";
import type { Plugin } from "../plugin.ts";
import { lastTime } from "../recorded/last-time.ts";
import { Player, type Times } from "../recorded/player.ts";
import { RecordedClock } from "../recorded/recorded-clock.ts";
import { type Flaws, Recording } from "../recorded/recording.ts";
import { timeReader } from "../recorded/time-reader.ts";
import { openDataDir, unsyncedWriter } from "../runtime/data-dir.ts";
import { whyUnready } from "../runtime/readiness.ts";
import { Runtime } from "../runtime/runtime.ts";
import type { Stats } from "../runtime/stats.ts";
import type { SourceComponent, Topology } from "../topology/topology.ts";
import type { Findings } from "./findings.ts";
import { LetterSamples } from "./letters.ts";
import { type Detecting, type ProfileFindings, stage } from "./staged.ts";

/** A time in milliseconds since 1970, or so many milliseconds before the last event. */
export type Moment = { readonly at: number } | { readonly before: number };

export interface BacktestRequest {
  readonly source: string;
  /** The recorded files. */
  readonly files: readonly string[];
  /** The detection components that get events of the source. */
  readonly detecting: readonly Detecting[];
  readonly isChosen: (rule: Rule) => boolean;
  /** The field with the time of each event; without it, the usual ones are tried. */
  readonly time: string | undefined;
  /** Alerts count from this time on. */
  readonly since: Moment | undefined;
  /** Later events are not read. */
  readonly until: Moment | undefined;
  /** How long transforms may take to be ready for events, in milliseconds; 15 seconds by default. */
  readonly patience?: number;
  /** Called when the run has begun, with a function that says how far it is. */
  readonly onStart?: (stats: () => Stats) => void;
}

/** What a backtest has found. */
export interface BacktestResult {
  readonly findings: readonly Findings[];
  readonly profiles: readonly ProfileFindings[];
  readonly times: Times;
  /** The request's times, in milliseconds since 1970. */
  readonly since: number | undefined;
  readonly until: number | undefined;
  /** Bytes of the files. */
  readonly bytes: number;
  readonly flaws: Flaws;
  /** The counters of the components of the pipeline. */
  readonly stats: Stats;
  readonly letters: LetterSamples;
  /** Warnings and errors that components logged; `moreLogged`: how many are left out. */
  readonly logged: readonly string[];
  readonly moreLogged: number;
  /** How long the run took, in milliseconds. */
  readonly elapsed: number;
  /** Why the run ended before its time, if it did. */
  readonly failure: string | undefined;
}

/**
 * Runs a pipeline on recorded files, as if weir had run when their events were written: with the runtime of `run`, on a data
 * dir of its own, which is removed afterwards. Nothing is sent. `trusted`: plugins that are known not to change data.
 */
export const backtest = (
  topology: Topology,
  request: BacktestRequest,
  trusted: ReadonlySet<Plugin>,
): Promise<BacktestResult> => inDataDir((dataDir) => run(topology, request, trusted, dataDir), "weir-backtest-");

const run = async (
  topology: Topology,
  request: BacktestRequest,
  trusted: ReadonlySet<Plugin>,
  dataDir: string,
): Promise<BacktestResult> => {
  const { host } = topology.components.find(({ id }) => id === request.source) as SourceComponent;
  const decoding: DecoderOptions = { ...host, framing: "newline" };
  const timeOf = timeReader(request.time);
  const recording = await Recording.of(request.files, decoding, timeOf);
  const moments = [request.since, request.until];
  const isRelative = moments.some((moment) => moment && "before" in moment);
  const last = isRelative ? await lastTime(request.files, decoding, timeOf) : undefined;
  const [since, until] = moments.map((moment) => timeOfMoment(moment, last));
  const clock = new RecordedClock(recording.first ?? Date.now());
  const letters = new LetterSamples();
  const player = new Player({
    recording,
    clock,
    since,
    until,
    played: () => played,
    between: () => letters.tidy(runtime),
  });
  const staged = stage({ ...request, since, topology, player, now: () => clock.now(), trusted });
  const logged = new Logged();
  const data = openDataDir(dataDir, unsyncedWriter);
  const runtime: Runtime = new Runtime(staged.topology, data, {
    clock,
    log: logged.of,
    trusted: staged.trusted,
    watchHolds: false,
    closing: () => letters.look(runtime),
  });
  const played = playedBy(runtime, staged.topology);
  const started = performance.now();
  await runtime.start();
  request.onStart?.(() => runtime.stats());
  let hasEnded = false;
  void runtime.ended.then(() => {
    hasEnded = true;
  });
  const unready = await whyUnready(runtime, { atMost: request.patience ?? patience, hasEnded: () => hasEnded });
  if (unready !== undefined) void runtime.stop(0);
  const ending = await runtime.ended;
  const stats = runtime.stats();
  const components = Object.entries(stats.components).filter(([id]) => !staged.added.has(id));
  return {
    findings: staged.findings,
    profiles: staged.profiles,
    times: player.times,
    since,
    until,
    bytes: recording.total,
    flaws: recording.flaws,
    stats: { ...stats, components: Object.fromEntries(components) },
    letters,
    logged: logged.lines,
    moreLogged: logged.left,
    elapsed: performance.now() - started,
    failure: ending.how === "failed" ? `"${ending.component}" failed: ${messageOf(ending.error)}` : unready,
  };
};

/** In milliseconds since 1970; `undefined` if it counts from a last event that there is not. */
const timeOfMoment = (moment: Moment | undefined, last: number | undefined): number | undefined => {
  if (!moment || "at" in moment) return moment?.at;
  return last === undefined ? undefined : last - moment.before;
};

const playedBy = (runtime: Runtime, { components }: Topology) => {
  const calling = components
    .filter(({ plugin }) => plugin.kind === "transform" && plugin.each && plugin.async)
    .map(({ id }) => id);
  return {
    get nextTick() {
      return runtime.nextTick;
    },
    get isCalling() {
      if (calling.length === 0) return false;
      const stats = runtime.stats().components;
      return calling.some((id) => stats[id]!.component_in_flight_events > 0);
    },
    clockMoved: () => runtime.clockMoved(),
    commitNow: () => runtime.commitNow(),
    stop: () => void runtime.stop(drain),
  };
};

/** How long transforms may take to be ready for events, in milliseconds. */
const patience = 15_000;

/** How long the run has to process what was read, in milliseconds. */
const drain = 60_000;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The first lines of the log that are not about single events. */
class Logged {
  readonly lines: string[] = [];
  left = 0;

  readonly of = (component: string): Log => {
    const at =
      (level: string): Log["warn"] =>
      (message, fields) => {
        if (fields?.["reason"] !== undefined) return;
        if (this.lines.length < 10) this.lines.push(`${level} ${component}: ${message}`);
        else this.left++;
      };
    return { debug: () => undefined, info: () => undefined, warn: at("warn"), error: at("error") };
  };
}
