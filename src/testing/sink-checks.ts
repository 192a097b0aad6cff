import { deepStrictEqual, fail } from "node:assert/strict";
import type { Data, Json } from "../json.ts";
import { type Delivery, isDeliveryError, type Outcome, type Plugin, type Sink } from "../plugin.ts";
import type { Check } from "./check.ts";
import { delivery, type OpenedSink, openSink } from "./sink.ts";
import { flaws } from "./well-formed.ts";

/** A receiver in a test, real or fake, and what it has received. */
export interface Receiver {
  /** The decoded options: a duration is a number of milliseconds. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The data of everything that has arrived, in order, repeats included. */
  received(): Promise<readonly unknown[]> | readonly unknown[];
  /** Makes the receiver refuse what comes next. The sink must report it. */
  refuse?(): Promise<void> | void;
  /** Makes it accept again. */
  accept?(): Promise<void> | void;
  /** Makes the receiver not answer. A write must end when its signal aborts. */
  stall?(): Promise<void> | void;
  /** Called at the end of each test. */
  close?(): Promise<void> | void;
}

/** Events for a sink. */
export interface SinkCase {
  readonly name: string;
  /** Creates an empty receiver; called for each test. */
  arrange(): Promise<Receiver>;
  readonly events: readonly Data[];
  /** What the receiver should get. Default: the data of the events. */
  readonly received?: readonly unknown[];
}

// biome-ignore lint/suspicious/noExplicitAny: a sink of any options.
type AnySink = Sink<any>;

/**
 * The checks that every sink must pass, for any test runner. They play the host: everything arrives, in order, whether it
 * is written in one batch or event by event; after a crash, what is written again arrives at least once; what the receiver
 * refused is reported with valid indexes, and arrives when it is retried; a write to a receiver that does not answer
 * ends when its signal aborts.
 */
export const sinkChecks = (sink: AnySink & { readonly kind: "sink" }, cases: readonly SinkCase[]): readonly Check[] => [
  { name: "is well formed", run: async () => deepStrictEqual(flaws(sink as Plugin), []) },
  ...cases.flatMap((one) => checksOf(sink, one)),
];

const checksOf = (sink: AnySink, one: SinkCase): readonly Check[] => {
  const { events, received: expected = events } = one;
  const all = events.map((data, index) => delivery(data, `test/stream@${index}`));
  const check = (how: string, run: (receiver: Receiver, play: Play) => Promise<void>): Check => ({
    name: `${one.name}${how}`,
    run: async () => {
      const receiver = await one.arrange();
      const play = new Play(sink, receiver);
      try {
        await run(receiver, play);
      } finally {
        await play.close();
        await receiver.close?.();
      }
    },
  });
  const arrived = async (receiver: Receiver) => {
    const received = await receiver.received();
    lacksNothing(received, expected);
    deepStrictEqual(received, expected, "what arrived is not what was written, in the same order");
  };
  return [
    check("", async (receiver, play) => {
      await play.deliver(all);
      await play.close();
      await arrived(receiver);
    }),
    check(", one event at a time, opened again in between", async (receiver, play) => {
      for (const event of all) {
        await play.deliver([event]);
        await play.close();
      }
      await arrived(receiver);
    }),
    check(", written again after a crash", async (receiver, play) => {
      await play.deliver(all.slice(0, 1));
      play.crash();
      await play.deliver(all);
      await play.close();
      lacksNothing(await receiver.received(), expected);
    }),
    check(", while the receiver refuses", async (receiver, play) => {
      if (!receiver.refuse) return;
      await receiver.refuse();
      const left = await play.write(all);
      if (left.length === 0) fail("the receiver refused, but the sink says that every event was delivered");
      await receiver.accept?.();
      await play.deliver(left);
      await play.close();
      lacksNothing(await receiver.received(), expected);
    }),
    check(", while the receiver does not answer", async (receiver, play) => {
      if (!receiver.stall) return;
      await receiver.stall();
      if (!(await play.endsWhenAborted(all)))
        fail("the write goes on after its signal has aborted: pass the signal to everything that waits");
    }),
  ];
};

const lacksNothing = (received: readonly unknown[], expected: readonly unknown[]): void => {
  const got = new Set(received.map((each) => JSON.stringify(each)));
  const missing = expected.filter((each) => !got.has(JSON.stringify(each)));
  deepStrictEqual(missing, [], "these events never arrived, and the sink reported none of them");
};

/** How often a write is tried. */
const attempts = 20;

/** Plays the host for a sink. */
class Play {
  readonly #sink: AnySink;
  readonly #receiver: Receiver;
  #opened: OpenedSink | undefined;
  #recorded: Json | undefined;

  constructor(sink: AnySink, receiver: Receiver) {
    this.#sink = sink;
    this.#receiver = receiver;
  }

  /** Writes until nothing is left. */
  async deliver(events: readonly Delivery[]): Promise<void> {
    let left = events;
    for (let attempt = 1; left.length > 0; attempt++) {
      if (attempt > attempts) fail(`${left.length} events were not delivered in ${attempts} attempts`);
      left = await this.write(left);
    }
  }

  /** One write; returns the events that are to be tried again. */
  async write(events: readonly Delivery[], signal?: AbortSignal): Promise<readonly Delivery[]> {
    const sink = await this.#open();
    let outcome: Outcome | undefined;
    try {
      outcome = await sink.write(events, signal);
    } catch (error) {
      if (isDeliveryError(error) && error.final) fail(`the sink refused all events for good: ${error.message}`);
      return events;
    }
    if (outcome?.record !== undefined) this.#recorded = structuredClone(outcome.record);
    const failed = failuresIn(outcome, events.length);
    const final = failed.find((failure) => failure.final);
    if (final) fail(`the sink refused event ${final.index} for good: ${final.message}`);
    return failed.map(({ index }) => events[index]!);
  }

  /** Whether a write ends within 5 seconds of its abort, as the host demands. */
  async endsWhenAborted(events: readonly Delivery[]): Promise<boolean> {
    const attempt = new AbortController();
    const write = this.write(events, attempt.signal);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => attempt.abort(), 50);
      timer = setTimeout(() => resolve(false), 5_050);
    });
    try {
      return await Promise.race([write.then(() => true), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.close();
  }

  /** The process dies: the sink is not closed, and starts from what was recorded. */
  crash(): void {
    this.#opened = undefined;
  }

  async #open(): Promise<OpenedSink> {
    const { config } = this.#receiver;
    const save = async (record: Json) => {
      this.#recorded = structuredClone(record);
    };
    this.#opened ??= await openSink(this.#sink, { config, recorded: this.#recorded, save });
    return this.#opened;
  }
}

const failuresIn = (outcome: unknown, count: number): NonNullable<Outcome["failed"]> => {
  if (outcome === undefined) return [];
  if (typeof outcome !== "object" || outcome === null)
    fail(`a write returned ${JSON.stringify(outcome)}; it must return nothing, or { failed, record }`);
  const { failed = [] } = outcome as Outcome;
  const seen = new Set<number>();
  for (const { index, message, final } of failed) {
    if (!Number.isInteger(index) || index < 0 || index >= count)
      fail(`a write of ${count} events reports that event ${index} failed: indexes go from 0 to ${count - 1}`);
    if (seen.has(index)) fail(`a write reports event ${index} twice`);
    if (typeof message !== "string" || typeof final !== "boolean")
      fail(`a write reports event ${index} without a message, or without final`);
    seen.add(index);
  }
  return failed;
};
