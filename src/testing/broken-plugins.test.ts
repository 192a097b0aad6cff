import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Data } from "../json.ts";
import { option } from "../option/option.ts";
import { type Delivery, defineCodec, defineSink, defineSource, type SourceContext, type Writer } from "../plugin.ts";
import type { Check } from "./check.ts";
import { type CodecCase, codecChecks } from "./codec-checks.ts";
import { type Receiver, sinkChecks } from "./sink-checks.ts";
import { sourceChecks } from "./source-checks.ts";
import { flaws } from "./well-formed.ts";

/** The messages of the checks that fail. */
const complaints = async (checks: readonly Check[]): Promise<string> => {
  const messages: string[] = [];
  for (const { run } of checks) await run().catch((error: unknown) => messages.push((error as Error).message));
  return messages.join("\n");
};

const lines = ['{"n":0}', '{"n":1}', '{"n":2}'];
const blocks = lines.map((line) => Buffer.from(`${line}\n`));

type Read = (context: SourceContext<object>) => AsyncGenerator<{
  readonly stream: string;
  readonly position: number;
  readonly bytes: Uint8Array;
  readonly detail?: number;
}>;

/** A sound source, or one with a fault: what it does at its start, between two readings, and with positions. */
const reading = ({
  stream = () => "a",
  next = (detail: unknown) => Number(detail ?? 0),
  gap = 0,
  order = [0, 1, 2],
}: {
  readonly stream?: () => string;
  readonly next?: (detail: unknown) => number;
  readonly gap?: number;
  readonly order?: readonly number[];
}): Read =>
  async function* ({ checkpoints }) {
    const name = stream();
    const checkpoint = checkpoints.get(name);
    let position = checkpoint?.position ?? 0;
    for (let index = next(checkpoint?.detail); index < order.length; index++) {
      const bytes = blocks[order[index]!]!;
      yield { stream: name, position, bytes, detail: index + 1 };
      position += bytes.length + gap;
    }
  };

const fromTheStart: Read = async function* () {
  let position = 0;
  for (const bytes of blocks) {
    yield { stream: "a", position, bytes };
    position += bytes.length;
  }
};

describe("a source that", () => {
  const check = (read: Read) => {
    const source = defineSource({ name: "faulty", summary: "Has a fault.", options: {}, read });
    const config = async () => ({ config: {} });
    return complaints(sourceChecks(source, [{ name: "three lines", arrange: config, lines }]));
  };

  it("is sound passes", async () => expect(await check(reading({}))).toBe(""));

  it.each<[what: string, read: Read, sentence: string]>([
    [
      "starts from the beginning each time",
      fromTheStart,
      'the reading of stream "a" starts at byte 0; it must start at byte 8',
    ],
    ["leaves a gap", reading({ gap: 1 }), 'the reading of stream "a" starts at byte 9; it must start at byte 8'],
    [
      "names its stream anew at each start",
      reading({ stream: () => String(Math.random()) }),
      'stopped after reading 1 and started again at its checkpoints, the source repeats "{\\"n\\":0}"',
    ],
    [
      "skips one after a restart",
      reading({ next: (detail) => (detail === undefined ? 0 : Number(detail) + 1) }),
      'stopped after reading 1 and started again at its checkpoints, the source misses "{\\"n\\":1}"',
    ],
    ["misses one", reading({ order: [0, 2] }), 'the source misses "{\\"n\\":1}"'],
    ["reads in another order", reading({ order: [1, 0, 2] }), "the source reads the lines in another order"],
    ["repeats one", reading({ order: [0, 1, 2, 2] }), 'the source repeats "{\\"n\\":2}"'],
  ])("%s is found", async (_what, read, sentence) => expect(await check(read)).toContain(sentence));
});

/** A receiver in memory, and a sink that writes to it as `write` says. */
type Write = (events: readonly Delivery[], receiver: Memory, signal: AbortSignal) => ReturnType<Writer["write"]>;

class Memory implements Receiver {
  readonly got: Data[] = [];
  mood: "accepts" | "refuses" | "stalls" = "accepts";
  readonly config = { receiver: this };

  received() {
    return this.got;
  }
  refuse() {
    this.mood = "refuses";
  }
  accept() {
    this.mood = "accepts";
  }
  /** Only a receiver that can stall has the test of a stall, which takes 5 seconds for a sink that fails it. */
  readonly stall?: () => void;

  constructor(canStall: boolean) {
    if (canStall)
      this.stall = () => {
        this.mood = "stalls";
      };
  }

  /** Takes an event like a server. */
  async take({ data }: Delivery, signal?: AbortSignal): Promise<void> {
    if (this.mood === "stalls") await sleep(60_000, undefined, { signal, ref: false });
    if (this.mood === "refuses") throw new Error("503");
    this.got.push(data);
  }
}

describe("a sink that", () => {
  const check = (write: Write, canStall = false) => {
    const sink = defineSink({
      name: "faulty",
      summary: "Has a fault.",
      options: {},
      open: ({ config }) => ({
        write: (events, signal) => write(events, (config as { readonly receiver: Memory }).receiver, signal),
      }),
    });
    const events = [{ n: 0 }, { n: 1 }, { n: 2 }];
    return complaints(
      sinkChecks(sink, [{ name: "three events", arrange: async () => new Memory(canStall) as Receiver, events }]),
    );
  };

  const each = async (events: readonly Delivery[], receiver: Memory, signal?: AbortSignal) => {
    for (const event of events) await receiver.take(event, signal);
  };
  const twice: Write = async (events, receiver) => {
    await each(events, receiver);
    await each(events, receiver);
  };
  const returning =
    (value: unknown): Write =>
    async (events, receiver) => {
      await each(events, receiver);
      return value as never;
    };
  const failing =
    (failed: (events: readonly Delivery[]) => unknown) => async (events: readonly Delivery[], receiver: Memory) => {
      if (receiver.mood === "refuses") return { failed: failed(events) } as never;
      return each(events, receiver);
    };

  it("is sound passes, with and without partial failures", async () => {
    expect(await check(each, true)).toBe("");
    const partial = async (events: readonly Delivery[], receiver: Memory, signal: AbortSignal) => {
      const failed: { index: number; message: string; final: boolean }[] = [];
      for (const [index, event] of events.entries())
        await receiver.take(event, signal).catch(() => failed.push({ index, message: "503", final: false }));
      return { failed };
    };
    expect(await check(partial, true)).toBe("");
  });

  it.each<[what: string, write: Write, sentence: string]>([
    ["delivers nothing", async () => undefined, "these events never arrived, and the sink reported none of them"],
    ["delivers only the first", (events, receiver) => receiver.take(events[0]!), "these events never arrived"],
    [
      "hides a refusal",
      (events, receiver) => each(events, receiver).catch(() => undefined),
      "the receiver refused, but the sink says that every event was delivered",
    ],
    ["writes in another order", (events, receiver) => each([...events].reverse(), receiver), "in the same order"],
    ["writes twice", twice, "in the same order"],
    [
      "names an event that is not there",
      failing((events) => [{ index: events.length, message: "503", final: false }]),
      "a write of 3 events reports that event 3 failed: indexes go from 0 to 2",
    ],
    [
      "names an event twice",
      failing(() => [0, 0].map((index) => ({ index, message: "503", final: false }))),
      "a write reports event 0 twice",
    ],
    ["gives no message", failing(() => [{ index: 0 }]), "a write reports event 0 without a message, or without final"],
    [
      "gives up on events that could be tried again",
      failing(() => [{ index: 1, message: "503", final: true }]),
      "the sink refused event 1 for good: 503",
    ],
    ["returns a word", returning("ok"), 'a write returned "ok"; it must return nothing, or { failed, record }'],
  ])("%s is found", async (_what, write, sentence) => expect(await check(write)).toContain(sentence), 30_000);
});

it("a sink that ignores its signal is found", async () => {
  const sink = defineSink({
    name: "faulty",
    summary: "Has a fault.",
    options: {},
    open: ({ config }) => ({
      write: async (events) => {
        for (const event of events) await (config as { readonly receiver: Memory }).receiver.take(event);
      },
    }),
  });
  const checks = sinkChecks(sink, [
    { name: "one", arrange: async () => new Memory(true) as Receiver, events: [{ n: 0 }] },
  ]);
  expect(await complaints(checks)).toBe(
    "the write goes on after its signal has aborted: pass the signal to everything that waits",
  );
}, 30_000);

describe("a codec that", () => {
  const check = (decode: NonNullable<Parameters<typeof defineCodec>[0]["decode"]>, change: Partial<CodecCase> = {}) => {
    const codec = defineCodec({ name: "faulty", summary: "Has a fault.", options: {}, decode });
    const one = { name: "two records", records: ["a", "b"], output: [{ text: "a" }, { text: "b" }], ...change };
    return complaints(codecChecks(codec, [one]));
  };

  it("is sound passes", async () => {
    expect(await check(() => (text) => ({ text }))).toBe("");
    const refusing = () => (text: string) => {
      if (text === "b") throw Object.assign(new Error("no"), { reason: "bad_b" });
      return { text };
    };
    expect(await check(refusing, { output: [{ text: "a" }], rejected: { bad_b: 1 } })).toBe("");
  });

  it("remembers is found", async () => {
    let count = 0;
    expect(
      await check(() => (text) => ({ text, count: count++ }), {
        output: [
          { text: "a", count: 0 },
          { text: "b", count: 1 },
        ],
      }),
    ).toContain("the result for a record depends on the records before it");
  });

  it("keeps the bytes is found", async () => {
    const keeping = () => (_text: string, bytes: Uint8Array) => ({ text: [...bytes].length, bytes: bytes as never });
    expect(await check(keeping)).toContain("what JSON cannot represent");
  });

  it.each([
    [
      "refuses what it should read",
      () => () => {
        throw new Error("no");
      },
      'rejected: the codec "faulty" cannot read the record: no',
    ],
    ["returns nothing", () => () => undefined as never, "the data is nothing; it must be a JSON object"],
    ["returns a Date", () => (text: string) => ({ text, at: new Date(0) as never }), 'the value at "at" is a Date'],
  ])("%s is found", async (_what, decode, sentence) => expect(await check(decode)).toContain(sentence));
});

it("reports each flaw of a definition separately", () => {
  const flawed = defineSink({
    name: "Bad-Name",
    summary: "no full stop",
    options: { timeout: option.text("no full stop"), Count: option.integer("How many.", { default: "x" as never }) },
    open: () => ({ write: async () => undefined }),
  });
  expect(flaws(flawed)).toEqual([
    'the name "Bad-Name" must be in snake_case',
    'the summary "no full stop" must be one sentence that ends with a period',
    'the description of "timeout" must be a sentence that ends with a period',
    'the option "Count" must be in snake_case',
    '"x" does not match the schema of "Count"',
    'the option "timeout" is reserved: weir adds it to every sink. Choose another name',
  ]);
});
