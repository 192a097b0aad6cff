import type { Log } from "../../context.ts";
import type { Data } from "../../json.ts";
import type { Plugin } from "../../plugin.ts";
import type { DeadLetter } from "../../runtime/dead-letters/letter-files.ts";
import { summaryOf } from "../../runtime/stats-text.ts";
import { outputReference } from "../../topology/reference.ts";
import type { Topology } from "../../topology/topology.ts";
import { type VirtualClock, virtualClock } from "../../virtual-clock.ts";
import { judge, type Mismatch } from "../compare/expectation.ts";
import { deadLetters, type Expectation, type PipelineTest, type Step } from "../format/test.ts";
import { inDataDir } from "./data-dir.ts";
import { type Staged, stage } from "./doubles.ts";
import { Life } from "./life.ts";

/** What went wrong in a test. */
export interface Failure extends Mismatch {
  /** The line of the step, in the test's file. */
  readonly line: number;
  /** What happened to the events on the way there, and what was logged. */
  readonly notes: readonly string[];
}

/** The most lines of the log that a failure shows. */
const mostLogged = 10;

/** Runs a test of a pipeline; returns what is not as expected. `trusted`: plugins that are known not to change data. */
export const runPipelineTest = async (
  topology: Topology,
  test: PipelineTest,
  trusted: ReadonlySet<Plugin>,
): Promise<readonly Failure[]> => inDataDir((dataDir) => new Trial(topology, test, dataDir, trusted).run());

class Trial {
  readonly #test: PipelineTest;
  readonly #pipeline: Topology;
  readonly #staged: Staged;
  readonly #clock: VirtualClock;
  readonly #logged: string[] = [];
  /** Ids of the dead letters that an expectation has taken. */
  readonly #takenLetters = new Set<string>();
  readonly #begin: () => Promise<Life>;
  #elapsed = 0;

  constructor(topology: Topology, test: PipelineTest, dataDir: string, trusted: ReadonlySet<Plugin>) {
    this.#test = test;
    this.#pipeline = topology;
    this.#staged = stage(topology, test);
    this.#clock = virtualClock(test.start);
    const log = (component: string): Log => {
      const at = (level: string) => (message: string) => void this.#logged.push(`${level} ${component}: ${message}`);
      return { debug: () => undefined, info: () => undefined, warn: at("warn"), error: at("error") };
    };
    this.#begin = () => Life.start({ staged: this.#staged, dataDir, clock: this.#clock, log, trusted });
  }

  /** Stops at the first step that fails; expectations directly after one another are all looked at. */
  async run(): Promise<readonly Failure[]> {
    const failures: Failure[] = [];
    let life = await this.#begin();
    await life.settle();
    for (const step of this.#test.steps) {
      if (failures.length > 0 && (step.kind !== "expect" || step.at !== undefined)) break;
      if (step.kind === "restart" || step.kind === "crash") {
        await (step.kind === "crash" ? life.crash() : life.stop());
        if (life.failure === undefined) life = await this.#begin();
      }
      if (step.kind === "end") await life.end();
      await this.#take(step, life);
      if (life.failure !== undefined)
        return [...failures, this.#failed(step, { message: life.failure, diff: [] }, life)];
      const mismatch = step.kind === "expect" ? await this.#judge(step, life) : undefined;
      if (mismatch) failures.push(this.#failed(step, mismatch, life));
    }
    await life.crash();
    return failures;
  }

  async #take(step: Step, life: Life): Promise<void> {
    if (step.at !== undefined) await this.#advance(step.at - this.#elapsed, life);
    if (step.kind === "advance") await this.#advance(step.by, life);
    if (step.kind === "send") this.#staged.feeds.get(step.into)!.send(step.input, step.path);
    await life.settle();
    if (step.kind === "expect") await life.commit();
  }

  async #advance(by: number, life: Life): Promise<void> {
    this.#elapsed += by;
    if (by > 0) await life.advance(by);
  }

  async #judge(step: Expectation, life: Life): Promise<Mismatch | undefined> {
    if (step.from === deadLetters) {
      const letters = (await life.letters()).filter(({ id }) => !this.#takenLetters.has(id));
      const { taken, mismatch } = judge(step, letters.map(describe), this.#clock.now());
      for (const index of taken) this.#takenLetters.add(letters[index]!.id);
      return mismatch;
    }
    const arrivals = this.#staged.arrivals.get(step.from)!;
    const { taken, mismatch } = judge(
      step,
      arrivals.left.map(({ data }) => data),
      this.#clock.now(),
    );
    arrivals.left = arrivals.left.filter((_, index) => !taken.has(index));
    return mismatch;
  }

  #failed(step: Step, mismatch: Mismatch, life: Life): Failure {
    const way = step.kind === "expect" ? this.#wayTo(outputReference(step.from).id) : [];
    const { components } = life.stats;
    const hadEvents = (id: string) => components[id]!.component_received_events_total > 0;
    const counts = way.filter(hadEvents).map((id) => `${id}: ${summaryOf(components[id]!)}`);
    const left = this.#logged.length - mostLogged;
    const log = [...this.#logged.slice(0, mostLogged), ...(left > 0 ? [`… and ${left} more lines of the log`] : [])];
    return { ...mismatch, line: step.line, notes: [...counts, ...log] };
  }

  /** The components that events pass on their way, without those of the test. */
  #wayTo(id: string): string[] {
    const { components } = this.#pipeline;
    if (!components.some((component) => component.id === id)) return components.map((component) => component.id);
    const way = new Set([id]);
    for (const next of way)
      for (const input of components.find((component) => component.id === next)?.inputs ?? [])
        way.add(outputReference(input).id);
    return components.map((component) => component.id).filter((each) => way.has(each));
  }
}

/** A dead letter as an expectation sees it. */
const describe = ({ head, data }: DeadLetter): Data => {
  const { component, reason, message, source } = head;
  const content = JSON.parse(data) as Data;
  return { component, reason, message, ...(component === source ? content : { event: content }) };
};
