import fc from "fast-check";
import { expect } from "vitest";
import type { Host } from "./host.ts";
import type { Model } from "./model.ts";
import { compare, type Operation, operation, perform, time } from "./operations.ts";

/** What each component has to remember: as it is now, and after each of the batches that are not committed. */
export interface Expected {
  readonly quotas: ReadonlyMap<string, number>;
  committed: Map<string, Model>;
  after: Map<string, Model[]>;
}

/** The host, which a restart replaces. */
export interface Running {
  host: Host;
}

type Command = fc.Command<Expected, Running>;

export const begin = (models: ReadonlyMap<string, Model>) => ({
  committed: new Map(models),
  after: new Map([...models.keys()].map((component): [string, Model[]] => [component, []])),
});

const newest = ({ committed, after }: Expected, component: string): Model =>
  after.get(component)!.at(-1) ?? committed.get(component)!;

const compareAll = (expected: Expected, { host }: Running): void => {
  for (const component of expected.quotas.keys()) {
    const [state, model] = [host.of(component), newest(expected, component)];
    compare(state.state, model);
    expect([state.wake, state.mark, state.epoch]).toEqual([model.wake, model.mark, model.epoch]);
  }
};

interface Part {
  readonly component: string;
  readonly events: readonly { readonly operations: readonly Operation[]; readonly isKept: boolean }[];
  readonly tick:
    | { readonly now: number; readonly operations: readonly Operation[]; readonly hasEmitted: boolean }
    | undefined;
  /** The clock is set back to this, if it is before the last tick. */
  readonly stamp: number | undefined;
}

/** A component handles its part of the next batch. */
class Handle implements Command {
  readonly #part: Part;

  constructor(part: Part) {
    this.#part = part;
  }

  check(): boolean {
    return true;
  }

  run(expected: Expected, running: Running): void {
    const { component, events, tick, stamp } = this.#part;
    const state = running.host.of(component);
    const batches = expected.after.get(component)!;
    let model = newest(expected, component).copy();
    let isNews = false;
    state.begin(running.host.flight(batches.length));
    if (stamp !== undefined && stamp < model.mark) {
      state.beginTick(Number.POSITIVE_INFINITY);
      state.keepTick(model.mark);
      state.beginEpoch();
      model.remember({ epoch: model.epoch + 1, mark: Number.NEGATIVE_INFINITY, wake: undefined });
      isNews = true;
    }
    for (const { operations, isKept } of events) {
      const before = model;
      model = model.copy();
      for (const operation of operations) perform(operation, state.state, model);
      expect(state.hasWritten).toBe(model.hasWritten);
      if (isKept) state.keep();
      else {
        state.undo();
        model = before;
      }
      model.hasWritten = false;
      isNews ||= isKept;
      compare(state.state, model);
    }
    if (tick) {
      const { now, operations, hasEmitted } = tick;
      state.beginTick(now);
      model.useUp(now);
      for (const operation of operations) perform(operation, state.state, model, 1.05);
      expect(state.hasWritten).toBe(model.hasWritten);
      const saysSomething = hasEmitted || model.hasWritten;
      state.keepTick(saysSomething ? now : undefined);
      if (saysSomething) model.mark = Math.max(model.mark, now);
      model.hasWritten = false;
      isNews ||= saysSomething;
    }
    state.end();
    if (isNews) model.saved = { wake: model.wake, mark: model.mark, epoch: model.epoch };
    batches.push(model);
    compareAll(expected, running);
  }

  toString(): string {
    return `handle ${JSON.stringify(this.#part)}`;
  }
}

/** The oldest batches that every component has handled are committed; the state learns of it with the next answer. */
class Write implements Command {
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  check(): boolean {
    return true;
  }

  run(expected: Expected, running: Running): void {
    const count = Math.min(this.#most, ...[...expected.after.values()].map(({ length }) => length));
    running.host.write(count);
    for (const [component, batches] of expected.after) {
      const last = batches.splice(0, count).at(-1);
      if (last) expected.committed.set(component, last);
    }
    for (const [component, said, counted] of running.host.sizes())
      expect([component, said]).toEqual([component, counted]);
    compareAll(expected, running);
  }

  toString(): string {
    return `write ${this.#most}`;
  }
}

class Plain implements Command {
  readonly #name: string;
  readonly #do: (expected: Expected, running: Running) => void;

  constructor(name: string, run: (expected: Expected, running: Running) => void) {
    this.#name = name;
    this.#do = run;
  }

  check(): boolean {
    return true;
  }

  run(expected: Expected, running: Running): void {
    this.#do(expected, running);
    compareAll(expected, running);
  }

  toString(): string {
    return this.#name;
  }
}

const answer = new Plain("answer", (_, { host }) => host.answer());
const fill = new Plain("fill", (_, { host }) => host.fill());
const forget = (expected: Expected, restarted: (model: Model) => Model) =>
  Object.assign(
    expected,
    begin(new Map([...expected.committed].map(([component, model]) => [component, restarted(model)]))),
  );
const rebuild = new Plain("rebuild", (expected, { host }) => {
  host.rebuild();
  forget(expected, (model) => model.restarted());
});
const reopen = new Plain("reopen", (expected, running) => {
  running.host = running.host.reopen();
  forget(expected, (model) => model.restarted());
});

const few = fc.array(operation, { maxLength: 6 });

export const commands = (components: readonly string[]): fc.Arbitrary<Iterable<Command>> =>
  fc.commands(
    [
      ...Array.from({ length: 5 }, () =>
        fc
          .record({
            component: fc.constantFrom(...components),
            events: fc.array(
              fc.record({
                operations: few,
                isKept: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.boolean()),
              }),
              { maxLength: 4 },
            ),
            tick: fc.option(fc.record({ now: time, operations: few, hasEmitted: fc.boolean() }), {
              nil: undefined,
              freq: 3,
            }),
            stamp: fc.option(time, { nil: undefined, freq: 4 }),
          })
          .map((part) => new Handle(part)),
      ),
      fc.integer({ min: 1, max: 3 }).map((most) => new Write(most)),
      fc.integer({ min: 1, max: 3 }).map((most) => new Write(most)),
      fc.constant(answer),
      fc.constant(fill),
      fc.constant(rebuild),
      fc.constant(reopen),
    ],
    { maxCommands: 30, size: "max" },
  );
