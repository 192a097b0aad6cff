import { systemClock } from "../../clock.ts";
import type { Log } from "../../context.ts";
import type { Plugin } from "../../plugin.ts";
import { type DataDir, openDataDir, unsyncedWriter } from "../../runtime/data-dir.ts";
import type { DeadLetter } from "../../runtime/dead-letters/letter-files.ts";
import type { Ending } from "../../runtime/ending.ts";
import { whyUnready } from "../../runtime/readiness.ts";
import { Runtime } from "../../runtime/runtime.ts";
import type { Stats } from "../../runtime/stats.ts";
import { turn, type VirtualClock } from "../../virtual-clock.ts";
import type { Staged } from "./doubles.ts";

export interface LifeOptions {
  readonly staged: Staged;
  readonly dataDir: string;
  readonly clock: VirtualClock;
  readonly log: (component: string) => Log;
  readonly trusted: ReadonlySet<Plugin>;
}

/** Thrown by the sources of a test to end a life as a kill does. */
class Crash extends Error {}

/** Thrown for a transform that does not become ready for events. */
export class NotReady extends Error {}

/** A test gives the same result on every machine, and with every version. */
const machine = { host: "test-host", version: "0.0.0" };

/** How long to wait for what is outside of the process, in milliseconds of real time. */
const patience = { asynchronous: 1_000, other: 20, brief: 1, disk: 10_000, ready: 5_000 };

/** One run of the pipeline on the data dir of a test, from its start to a stop or a crash. */
export class Life {
  readonly #options: LifeOptions;
  readonly #runtime: Runtime;
  /** Ids of the transforms that may wait for what is outside of the process. */
  readonly #asynchronous: readonly string[];
  #ending: Ending | undefined;

  private constructor(options: LifeOptions, data: DataDir) {
    this.#options = options;
    const { clock, log, trusted, staged } = options;
    const { topology } = staged;
    this.#runtime = new Runtime(topology, data, {
      clock,
      log,
      trusted,
      machine,
      random: () => 0.5,
      watchHolds: false,
      // Tests and explanations look at every event.
      passesOver: false,
    });
    this.#asynchronous = topology.components
      .filter(({ plugin }) => plugin.kind === "transform" && plugin.each && plugin.async)
      .map(({ id }) => id);
    void this.#runtime.ended.then((ending) => {
      this.#ending = ending;
    });
  }

  /** Throws an error for people if a component cannot be built, or does not become ready for events. */
  static async start(options: LifeOptions): Promise<Life> {
    const life = await Life.#started(options, openDataDir(options.dataDir, unsyncedWriter));
    await life.#prepared();
    return life;
  }

  static async #started(options: LifeOptions, data: DataDir): Promise<Life> {
    try {
      const life = new Life(options, data);
      await life.#runtime.start();
      return life;
    } catch (error) {
      await data.close();
      throw error;
    }
  }

  async #prepared(): Promise<void> {
    const hasEnded = () => this.#ending !== undefined;
    const why = await whyUnready(this.#runtime, { atMost: patience.ready, hasEnded });
    if (why === undefined) return;
    await this.stop();
    throw new NotReady(why);
  }

  /** Why the run ended by itself, if it did. */
  get failure(): string | undefined {
    if (this.#ending?.how !== "failed") return undefined;
    const { component, error } = this.#ending;
    return `"${component}" failed: ${error instanceof Error ? error.message : String(error)}`;
  }

  get stats(): Stats {
    return this.#runtime.stats();
  }

  /** Waits until nothing can happen any more without time passing. `brief`: between two moments of an advance. */
  async settle(brief = false): Promise<void> {
    const { feeds } = this.#options.staged;
    let seen = "";
    let since = performance.now();
    for (let calm = 0; this.#ending === undefined; calm++) {
      await turn();
      const now = this.#progress();
      if (now !== seen) [seen, since, calm] = [now, performance.now(), 0];
      if (calm < 2) continue;
      const waited = performance.now() - since;
      const isReading = [...feeds.values()].some(({ isRead }) => !isRead);
      if (this.#runtime.isCommitting || this.#isDelivering() || (isReading && !brief)) {
        if (waited > patience.disk) return;
      } else if (waited >= this.#patience(brief)) return;
      if (calm > 5) await systemClock.sleep(1);
    }
  }

  /** Commits, and delivers, what was processed. weir does it a little later by itself if nothing waits for it. */
  async commit(): Promise<void> {
    this.#runtime.commitNow();
    await this.settle();
  }

  /** Changes whenever events have moved. */
  #progress(): string {
    const { components, commits_total: commits } = this.#runtime.stats();
    const counts = Object.values(components).map((of) => [
      of.component_received_events_total,
      of.component_created_events_total,
      of.component_sent_events_total,
      of.component_in_flight_events,
    ]);
    return `${commits} ${counts}`;
  }

  /** How long events may stay where they are before nothing more is waited for, in milliseconds; 0 if there are none. */
  #patience(isBrief: boolean): number {
    const { components } = this.#runtime.stats();
    const holds = (id: string) => components[id]!.component_in_flight_events > 0;
    if (!Object.keys(components).some(holds)) return 0;
    if (isBrief) return patience.brief;
    return this.#asynchronous.some(holds) ? patience.asynchronous : patience.other;
  }

  #isDelivering(): boolean {
    const ids = new Set(this.#options.staged.topology.components.map(({ id }) => id));
    return [...this.#runtime.outboxes()].some(
      ([name, { from, end }]) => ids.has(name) && (from.segment !== end.segment || from.offset !== end.offset),
    );
  }

  /** Advances the clock by `ms`; everything happens at its time. */
  advance(ms: number): Promise<void> {
    return this.#options.clock.advance(ms, () => this.settle(true));
  }

  async letters(): Promise<readonly DeadLetter[]> {
    const found: DeadLetter[] = [];
    for await (const letter of this.#runtime.desk.letters({})) found.push(letter);
    return found;
  }

  /** Ends the run as SIGKILL does: nothing more is committed or delivered. */
  async crash(): Promise<void> {
    const error = new Crash("the test crashes weir here");
    for (const feed of this.#options.staged.feeds.values()) feed.crash(error);
    await this.#over();
    if (this.#ending?.how === "failed" && this.#ending.error instanceof Crash) this.#ending = { how: "stopped" };
  }

  /** Ends the run as SIGTERM does: what was read is processed and delivered. */
  async stop(): Promise<void> {
    void this.#runtime.stop(drain);
    await this.#over();
  }

  /** Ends the sources when they have read everything; with them, the run ends. */
  async end(): Promise<void> {
    for (const feed of this.#options.staged.feeds.values()) feed.end();
    await this.#over();
  }

  /** Waits for the end. If that takes long, time passes, so that deadlines do. */
  async #over(): Promise<void> {
    const since = performance.now();
    while (this.#ending === undefined) {
      await turn();
      const waited = performance.now() - since;
      if (waited > 20) await systemClock.sleep(1);
      if (waited > patience.disk) throw new Error("the run did not end when it was stopped");
      if (waited > patience.asynchronous) await this.#options.clock.advance(1_000);
    }
  }
}

/** How long `weir run` drains by default, in milliseconds. */
const drain = 30_000;
