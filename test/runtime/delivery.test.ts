import { describe, expect, it } from "vitest";
import { type Delivery, DeliveryError, defineSink, type Outcome } from "weir";
import { turn, virtualClock } from "weir/testing";
import {
  hurriedClock,
  inTime,
  keeping,
  lines,
  numbers,
  startRun,
  temporaryDir,
  topology,
  unbalancedComponents,
  until,
} from "./harness.ts";

/** A sink whose writes wait until they are answered, in any order. */
const answered = () => {
  const writes: { readonly n: readonly number[]; answer(outcome?: Outcome): void; refuse(error: Error): void }[] = [];
  const plugin = defineSink({
    name: "answered",
    summary: "Waits for its answers.",
    options: {},
    open: () => ({
      write: (events: readonly Delivery[], signal: AbortSignal) =>
        new Promise<Outcome | undefined>((resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
          writes.push({ n: events.map(({ data }) => data["n"] as number), answer: resolve, refuse: reject });
        }),
    }),
  });
  return { writes, plugin };
};

const batchOf = (maxEvents: number, timeout = 0) => ({ maxEvents, maxSize: 1 << 20, timeout });
const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);

describe("concurrency", () => {
  it("writes concurrently up to the limit, and advances the delivered place in order", async () => {
    const dataDir = temporaryDir();
    const { writes, plugin } = answered();
    const source = lines(numbers(20), { perReading: 20 });
    const plan = topology({ in: [source], out: [plugin, ["in"], { concurrency: 3, batch: batchOf(4) }] });
    const { runtime } = await startRun(plan, dataDir);
    await until(() => writes.length === 3);
    await turn();
    expect(writes.map(({ n }) => n[0])).toEqual([0, 4, 8]);
    // The second and third are delivered, the first is not: after a stop all three come again.
    writes[2]!.answer();
    writes[1]!.answer();
    await turn();
    expect(runtime.stats().components["out"]!.component_sent_events_total).toBe(0);
    await runtime.stop(0);
    expect(unbalancedComponents(runtime.stats())).toEqual({});

    const { kept, plugin: keeper } = keeping();
    const again = await startRun(topology({ in: [lines(numbers(20))], out: [keeper, ["in"]] }), dataDir);
    await again.runtime.ended;
    expect(sorted(kept.map(({ data }) => data["n"] as number))).toEqual(numbers(20).map(({ n }) => n));
  });

  it("delivers everything, in whatever order the writes finish", async () => {
    const { writes, plugin } = answered();
    const plan = topology({ in: [lines(numbers(200))], out: [plugin, ["in"], { concurrency: 5, batch: batchOf(3) }] });
    const { runtime } = await startRun(plan, temporaryDir());
    const seen: number[] = [];
    let isOver = false;
    void runtime.ended.then(() => {
      isOver = true;
    });
    await until(
      () => isOver,
      () => {
        const write = writes.splice(Math.floor(Math.random() * writes.length), 1)[0];
        seen.push(...(write?.n ?? []));
        write?.answer();
      },
    );
    expect(sorted(seen)).toEqual(numbers(200).map(({ n }) => n));
    expect(unbalancedComponents(runtime.stats())).toEqual({});
  });
});

describe("a batch", () => {
  it("is written when it is full, when its timeout is over, or when no more events will come", async () => {
    const clock = virtualClock();
    const { writes, plugin } = answered();
    const source = lines(numbers(25), { follow: true, perReading: 25 });
    const plan = topology({ in: [source], out: [plugin, ["in"], { batch: batchOf(10, 5000) }] });
    const { runtime } = await startRun(plan, temporaryDir(), { clock });
    await until(() => writes.length === 1);
    expect(writes[0]!.n).toHaveLength(10);
    writes[0]!.answer();
    await until(() => writes.length === 2);
    writes[1]!.answer();
    await clock.advance(4000);
    expect(writes).toHaveLength(2);
    await clock.advance(2000);
    await until(() => writes.length === 3);
    expect(writes[2]!.n).toEqual([20, 21, 22, 23, 24]);
    writes[2]!.answer();
    await inTime(clock, runtime.stop(1000));
  });

  it("respects its size limit; a larger event is written alone", async () => {
    const sizes: number[] = [];
    const { kept, plugin } = keeping((events) => {
      sizes.push(events.reduce((size, { json }) => size + json.length, 0));
    });
    const records = numbers(40).map(({ n }) => ({ n, text: "x".repeat(n === 20 ? 5000 : 300) }));
    const batch = { maxEvents: 1000, maxSize: 2000, timeout: 0 };
    const { runtime } = await startRun(
      topology({ in: [lines(records)], out: [plugin, ["in"], { batch }] }),
      temporaryDir(),
    );
    await runtime.ended;
    expect(kept).toHaveLength(40);
    expect(sizes.filter((size) => size > 2000)).toHaveLength(1);
  });
});

describe("an attempt", () => {
  it("ends at its time limit, and is retried", async () => {
    const clock = virtualClock();
    const { writes, plugin } = answered();
    const plan = topology({ in: [lines(numbers(3))], out: [plugin, ["in"], { timeout: 2000 }] });
    const { runtime, log } = await startRun(plan, temporaryDir(), { clock });
    await until(() => writes.length === 1);
    await until(
      () => writes.length === 2,
      () => clock.advance(500),
    );
    expect(log.join("\n")).toContain("no answer within 2000 ms");
    writes[1]!.answer();
    expect(await inTime(clock, runtime.ended)).toEqual({ how: "finished" });
    expect(runtime.stats().components["out"]!.component_retries_total).toBe(1);
  });

  it("pauses all writes for as long as the receiver asks", async () => {
    const clock = virtualClock();
    const { writes, plugin } = answered();
    const source = lines(numbers(8), { perReading: 8 });
    const plan = topology({ in: [source], out: [plugin, ["in"], { concurrency: 2, batch: batchOf(4) }] });
    const { runtime } = await startRun(plan, temporaryDir(), { clock, random: () => 0.5 });
    await until(() => writes.length === 2);
    writes[0]!.refuse(new DeliveryError("busy", { retryAfter: 60_000 }));
    writes[1]!.refuse(new Error("reset"));
    await turn();
    await clock.advance(59_000);
    expect(writes).toHaveLength(2);
    await clock.advance(2_000);
    await until(() => writes.length === 4);
    for (const write of writes.slice(2)) write.answer();
    expect(await inTime(clock, runtime.ended)).toEqual({ how: "finished" });
  });

  it("that fails for good sends its events to the dead letter, and later events are delivered", async () => {
    const { kept, plugin } = keeping((events) => {
      if (events.some(({ data }) => data["n"] === 5)) throw new DeliveryError("never", { final: true });
    });
    const plan = topology({ in: [lines(numbers(12))], out: [plugin, ["in"], { batch: batchOf(4) }] });
    const { runtime } = await startRun(plan, temporaryDir());
    await runtime.ended;
    const { component_dead_letter_events_total: dead } = runtime.stats().components["out"]!;
    expect(kept.length + (dead["refused_by_sink"] ?? 0)).toBe(12);
    expect(kept.map(({ data }) => data["n"])).toContain(11);
    expect(kept.map(({ data }) => data["n"])).not.toContain(5);
    expect(unbalancedComponents(runtime.stats())).toEqual({});
  });
});

describe("a sink that is not required", () => {
  it("gets events after their commit, blocks nothing, and has its missed events counted", async () => {
    const { kept, plugin } = keeping();
    const slow = answered();
    const plan = topology({
      in: [lines(numbers(500))],
      out: [plugin, ["in"]],
      live: [
        slow.plugin,
        ["in"],
        { required: false, buffer: { type: "memory", maxSize: 300, whenFull: "block" }, timeout: 50 },
      ],
    });
    const { runtime } = await startRun(plan, temporaryDir(), { clock: hurriedClock });
    expect(await runtime.ended).toEqual({ how: "finished" });
    expect(kept).toHaveLength(500);
    const stats = runtime.stats();
    const { component_dropped_events_total: dropped } = stats.components["live"]!;
    expect((dropped["queue_full"] ?? 0) + (dropped["not_delivered"] ?? 0)).toBe(500);
    expect(unbalancedComponents(stats)).toEqual({});
  });

  it("gets all events when it keeps up", async () => {
    const { kept, plugin } = keeping();
    const plan = topology({ in: [lines(numbers(300))], live: [plugin, ["in"], { required: false }] });
    const { runtime } = await startRun(plan, temporaryDir());
    await runtime.ended;
    expect(kept.map(({ data }) => data["n"])).toEqual(numbers(300).map(({ n }) => n));
    expect(unbalancedComponents(runtime.stats())).toEqual({});
  });
});

describe("a buffer in memory", () => {
  const memory = { type: "memory", maxSize: 1 << 20, whenFull: "block" } as const;

  it("settles a batch when it is delivered; undelivered batches are read again", async () => {
    const dataDir = temporaryDir();
    const { writes, plugin } = answered();
    const plan = topology({ in: [lines(numbers(40))], out: [plugin, ["in"], { buffer: memory, batch: batchOf(7) }] });
    const first = await startRun(plan, dataDir);
    await until(() => writes.length === 1);
    writes[0]!.answer();
    await until(() => writes.length === 2);
    await first.runtime.stop(0);
    const { kept, plugin: keeper } = keeping();
    const again = topology({ in: [lines(numbers(40))], out: [keeper, ["in"], { buffer: memory, batch: batchOf(7) }] });
    const second = await startRun(again, dataDir);
    await second.runtime.ended;
    expect(kept.map(({ data }) => data["n"])).toEqual(
      numbers(40)
        .slice(7)
        .map(({ n }) => n),
    );
    expect(unbalancedComponents(second.runtime.stats())).toEqual({});
  });

  it("applies the same limits to batches, across the batches of its input", async () => {
    const sizes: number[] = [];
    const { kept, plugin } = keeping((events) => void sizes.push(events.length));
    const plan = topology({ in: [lines(numbers(100))], out: [plugin, ["in"], { buffer: memory, batch: batchOf(9) }] });
    const { runtime } = await startRun(plan, temporaryDir());
    await runtime.ended;
    expect(kept.map(({ data }) => data["n"])).toEqual(numbers(100).map(({ n }) => n));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(9);
  });
});

describe("a full outbox", () => {
  it.each(["drop_newest", "dead_letter"] as const)("handles new events with %s", async (whenFull) => {
    const { writes, plugin } = answered();
    const buffer = { type: "disk", maxSize: 1500, whenFull } as const;
    const plan = topology({ in: [lines(numbers(300))], out: [plugin, ["in"], { buffer }] });
    const { runtime } = await startRun(plan, temporaryDir());
    await until(() => writes.length === 1);
    await until(() => runtime.stats().components["in"]!.component_sent_events_total === 300);
    const gone = () => {
      const stats = runtime.stats().components["out"]!;
      return (
        (whenFull === "drop_newest" ? stats.component_dropped_events_total : stats.component_dead_letter_events_total)[
          "outbox_full"
        ] ?? 0
      );
    };
    await until(() => gone() > 200);
    let isOver = false;
    void runtime.ended.then(() => {
      isOver = true;
    });
    await until(
      () => isOver,
      () => writes.splice(0).forEach((write) => void write.answer()),
    );
    const stats = runtime.stats();
    expect(stats.components["out"]!.component_sent_events_total + gone()).toBe(300);
    expect(stats.outbox_bytes["dead_letter"]! > 0).toBe(whenFull === "dead_letter");
    expect(unbalancedComponents(stats)).toEqual({});
  });
});

it("opening a sink is retried, and does not block other sinks", async () => {
  let tries = 0;
  const { kept, plugin } = keeping();
  const stubborn = defineSink({
    ...plugin,
    open: (context) => {
      if (++tries < 4) throw new Error("the door is locked");
      return plugin.open(context);
    },
  });
  const healthy = keeping();
  const plan = topology({ in: [lines(numbers(10))], bad: [stubborn, ["in"]], good: [healthy.plugin, ["in"]] });
  const { runtime, log } = await startRun(plan, temporaryDir(), { clock: hurriedClock });
  await runtime.ended;
  expect(kept).toHaveLength(10);
  expect(healthy.kept).toHaveLength(10);
  expect(log.filter((line) => line.includes("the door is locked"))).toHaveLength(3);
  expect(runtime.stats().components["bad"]!.component_retries_total).toBe(3);
});

it("retries opening a sink after random waits whose limit doubles", async () => {
  const clock = virtualClock();
  const limits = [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];
  const shares = limits.map((_, index) => (index + 1) / 10);
  let tries = 0;
  const { plugin } = keeping();
  const stubborn = defineSink({
    ...plugin,
    open: (context) => {
      if (tries++ < limits.length) throw new Error("the door is locked");
      return plugin.open(context);
    },
  });
  const random = () => shares[tries - 1]!;
  const plan = topology({ in: [lines(numbers(1))], out: [stubborn, ["in"]] });
  const { runtime, log } = await startRun(plan, temporaryDir(), { clock, random });
  expect(await inTime(clock, runtime.ended)).toEqual({ how: "finished" });
  const waits = log.flatMap((line) => Number(/in (\d+) ms: the door is locked/.exec(line)?.[1] ?? Number.NaN) || []);
  expect(waits).toEqual(limits.map((limit, index) => Math.ceil(limit * shares[index]!)));
});

it("logs a long outage of a receiver once a minute, and its recovery", async () => {
  const clock = virtualClock();
  const start = clock.now();
  const { kept, plugin } = keeping();
  const down = defineSink({
    ...plugin,
    open: async (context) => {
      const { write } = await plugin.open(context);
      return {
        write: async (events, signal) => {
          if (clock.now() - start < 180_000) throw new Error("nobody is there");
          return write(events, signal);
        },
      };
    },
  });
  const { runtime, log } = await startRun(topology({ in: [lines(numbers(9))], out: [down, ["in"]] }), temporaryDir(), {
    clock,
  });
  expect(await inTime(clock, runtime.ended)).toEqual({ how: "finished" });
  expect(kept).toHaveLength(9);
  const logged = log.filter((line) => line.includes("nobody is there"));
  const { component_retries_total: retries } = runtime.stats().components["out"]!;
  expect(retries).toBeGreaterThan(6);
  expect(logged.length).toBeGreaterThan(1);
  expect(logged.length).toBeLessThanOrEqual(4);
  expect(logged[1]).toMatch(/failed \(and \d+ more times since this was last logged\), retrying in/);
  expect(log.filter((line) => line.includes("delivery succeeded"))).toEqual([
    expect.stringContaining(`out info delivery succeeded at attempt ${retries + 1}`),
  ]);
});
