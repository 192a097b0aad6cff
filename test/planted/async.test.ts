import { describe, expect, it } from "vitest";
import { defineTransform, type Event, RejectError } from "weir";
import { turn, type VirtualClock, virtualClock } from "../../src/testing/index.ts";
import { type Calling, defaultCalling } from "../../src/topology/topology.ts";
import type { BulkStep, EachStep, EachTools } from "../../src/transform/transform.ts";
import {
  inTime,
  keeping,
  keepOf,
  lines,
  numbers,
  type Running,
  startRun,
  temporaryDir,
  topology,
  until,
} from "../runtime/harness.ts";
import { all, deadLetters, expectBalance, expectRest, replayed, values } from "./faults.ts";

const asyncOf = (step: EachStep | BulkStep) =>
  defineTransform({ name: "planted", summary: "Planted.", options: {}, async: true, each: () => step });

const numberOf = ({ data }: Event): number => Number(data["n"]);
const never = () => new Promise<never>(() => undefined);

interface Async extends Partial<Calling> {
  readonly count?: number;
  readonly follow?: boolean;
  readonly perReading?: number;
  readonly clock?: VirtualClock;
}

/** A step that takes time, between a source and a sink, on a clock of the test. */
const runAsync = async (
  step: EachStep | BulkStep,
  { count = 70, follow = false, perReading = 7, clock = virtualClock(), ...calling }: Async = {},
) => {
  const dataDir = temporaryDir();
  const { kept, plugin } = keeping();
  const plan = topology({
    in: [lines(numbers(count), { follow, perReading })],
    t: [asyncOf(step), ["in"], { calling: { ...defaultCalling(), ...calling } }],
    out: [plugin, ["t"]],
  });
  const run = await startRun(plan, dataDir, { clock, random: () => 1 });
  return { ...run, kept, dataDir, clock };
};

const finished = async ({ runtime, clock }: Pick<Running, "runtime"> & { readonly clock: VirtualClock }) => {
  expect(await inTime(clock, runtime.ended)).toEqual({ how: "finished" });
  expectBalance({ runtime });
};

describe("a call that hangs", () => {
  /** Three of seventy hang; what a call does at its time limit. */
  const hanging: EachStep = (event) => (numberOf(event) % 30 === 5 ? never() : Promise.resolve(event));
  const hung = [5, 35, 65];

  it("sends its event to the dead letter at the time limit, by default", async () => {
    const run = await runAsync(hanging);
    await finished(run);
    expect(values(run.kept)).toEqual(all(70).filter((n) => !hung.includes(n)));
    const letters = deadLetters(run.dataDir);
    expect(values(letters)).toEqual(hung);
    expect(letters[0]!.head).toMatchObject({
      component: "t",
      reason: "timed_out",
      message: '"t" did not answer within 10000 ms',
    });
    expect(values(await replayed(run.dataDir))).toEqual(hung);
  });

  it("lets its event pass with a tag, if the pipeline says so", async () => {
    const run = await runAsync(hanging, { onFailure: "pass" });
    await finished(run);
    expect(values(run.kept)).toEqual(all(70));
    expect(values(run.kept.filter(({ data }) => data["tags"] !== undefined))).toEqual(hung);
    expect(run.kept[5]!.data).toEqual({ n: 5, tags: ["t_failed"] });
    expect(run.runtime.stats().components["t"]!.component_notes_total).toEqual({ passed_on_failure: 3 });
  });

  it("is retried for as long as it takes, if the pipeline says so; the component is reported meanwhile", async () => {
    let isMended = false;
    const calls = new Map<number, number>();
    const run = await runAsync(
      (event) => {
        const n = numberOf(event);
        calls.set(n, (calls.get(n) ?? 0) + 1);
        return hung.includes(n) && !isMended ? never() : Promise.resolve(event);
      },
      { onFailure: "wait" },
    );
    await until(
      () => (calls.get(5) ?? 0) >= 4,
      () => run.clock.advance(1000),
    );
    expect([...run.runtime.unready.keys()]).toEqual(["t"]);
    expect(run.runtime.unready.get("t")).toMatch(/^the transform "t" has held a batch for \d+ s/);
    expect(run.kept).toEqual([]);
    expect(deadLetters(run.dataDir)).toEqual([]);
    isMended = true;
    await finished(run);
    expect(values(run.kept)).toEqual(all(70));
    const more = [...calls.values()].reduce((sum, count) => sum + count - 1, 0);
    expect(run.runtime.stats().components["t"]!.component_retries_by_reason).toEqual({ timed_out: more });
  });

  it("has its signal aborted at the time limit", async () => {
    const aborted: number[] = [];
    const run = await runAsync((event, { signal }) => {
      if (!hung.includes(numberOf(event))) return event;
      signal.addEventListener("abort", () => aborted.push(numberOf(event)));
      return never();
    });
    await finished(run);
    expect(aborted.sort((a, b) => a - b)).toEqual(hung);
  });
});

describe("a call that fails", () => {
  it("is retried until the time limit of its event is over", async () => {
    const tried: number[] = [];
    const clock = virtualClock();
    const run = await runAsync(
      async (event) => {
        if (numberOf(event) !== 3) return event;
        tried.push(clock.now());
        throw new Error("503");
      },
      { count: 7, clock },
    );
    const from = clock.now();
    await finished(run);
    expect(tried.length).toBeGreaterThan(4);
    expect(tried.every((at) => at - from <= 10_000)).toBe(true);
    expect(run.runtime.stats().components["t"]!.component_retries_by_reason).toEqual({ failed: tried.length - 1 });
    expect(values(run.kept)).toEqual([0, 1, 2, 4, 5, 6]);
    expect(deadLetters(run.dataDir)).toMatchObject([
      { head: { component: "t", reason: "transform_error", message: "503" }, data: { n: 3 } },
    ]);
    expect(values(await replayed(run.dataDir))).toEqual([3]);
  });

  it("and then succeeds loses nothing", async () => {
    const tries = new Map<number, number>();
    const run = await runAsync(async (event) => {
      const n = numberOf(event);
      tries.set(n, (tries.get(n) ?? 0) + 1);
      if (n % 25 === 0 && tries.get(n)! < 3) throw new Error("503");
      return event;
    });
    await finished(run);
    expect(values(run.kept)).toEqual(all(70));
    expect(tries.get(25)).toBe(3);
    expect(tries.get(26)).toBe(1);
  });

  it("by rejecting its event is not retried", async () => {
    let calls = 0;
    const run = await runAsync(async (event) => {
      if (numberOf(event) !== 3) return event;
      calls++;
      throw new RejectError("unknown_host", "There is no such host.");
    });
    await finished(run);
    expect(calls).toBe(1);
    expect(deadLetters(run.dataDir)).toMatchObject([{ head: { component: "t", reason: "unknown_host" } }]);
  });

  it("for one event does not affect the others, however low the concurrency is", async () => {
    const run = await runAsync(
      async (event) => {
        if (numberOf(event) === 3) throw new Error("503");
        return event;
      },
      { concurrency: 1 },
    );
    await finished(run);
    expect(values(deadLetters(run.dataDir))).toEqual([3]);
    expect(values(run.kept)).toEqual(all(70).filter((n) => n !== 3));
  });

  it("with an invalid result sends its event to the dead letter, and is not retried", async () => {
    const calls = new Map<number, number>();
    for (const onFailure of ["dead_letter", "pass", "wait"] as const) {
      calls.clear();
      const run = await runAsync(
        async (event) => {
          const n = numberOf(event);
          calls.set(n, (calls.get(n) ?? 0) + 1);
          return n === 3 ? (undefined as never) : event;
        },
        { onFailure },
      );
      await finished(run);
      expect(calls.get(3)).toBe(1);
      expect(deadLetters(run.dataDir)).toMatchObject([{ head: { component: "t", reason: "wrong_outcome" } }]);
      expect(values(await replayed(run.dataDir))).toEqual([3]);
    }
  });

  it("in bulk with a wrong number of results sends the events of the batch to the dead letter, with a message", async () => {
    let calls = 0;
    const run = await runAsync(
      {
        bulk: async (events) => {
          calls++;
          return events.slice(1);
        },
      },
      { count: 7 },
    );
    await finished(run);
    expect(calls).toBe(1);
    expect(deadLetters(run.dataDir).map(({ head }) => [head["reason"], head["message"]])).toEqual(
      all(7).map(() => [
        "wrong_outcome",
        "the transform returned 6 results for 7 events; return one result for each event, in order",
      ]),
    );
    expect(values(await replayed(run.dataDir))).toEqual(all(7));
  });
});

describe("an outage", () => {
  it("is detected after five failed events in a row; calls then fail at once, and a probe detects its end", async () => {
    const clock = virtualClock();
    const dataDir = temporaryDir();
    let isOut = true;
    let calls = 0;
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const valve = asyncOf(async (event) => {
      if (numberOf(event) >= 350) await opened;
      return event;
    });
    const failing = asyncOf(async (event) => {
      calls++;
      if (isOut) throw new Error("no route to the far end");
      return event;
    });
    const { kept, plugin } = keeping();
    const plan = topology({
      in: [lines(numbers(700))],
      valve: [valve, ["in"], { calling: { ...defaultCalling(), concurrency: 1000, timeout: 3_600_000 } }],
      t: [failing, ["valve"]],
      out: [plugin, ["t"]],
    });
    const { runtime, log } = await startRun(plan, dataDir, { clock, random: () => 1 });
    await until(
      () => deadLetters(dataDir).length === 350,
      () => clock.advance(10),
    );
    // Those that were called at once are tried again for two seconds; all others fail without a call.
    expect(calls).toBeGreaterThanOrEqual(5);
    expect(calls).toBeLessThanOrEqual(48);
    expect(log.filter((line) => line.startsWith("t warn calls are failing"))).toEqual([
      "t warn calls are failing; pausing them, with a retry from time to time: no route to the far end",
    ]);
    expect(deadLetters(dataDir).at(-1)!.head).toMatchObject({
      component: "t",
      reason: "unavailable",
      message: "not called, because recent calls failed: no route to the far end",
    });
    isOut = false;
    await clock.advance(2000);
    open();
    await finished({ runtime, clock });
    expect(log).toContain("t info calls succeed again");
    expect(kept.length).toBeGreaterThan(300);
    const again = values(await replayed(dataDir));
    expect([...again, ...values(kept)].map(Number).sort((a, b) => a - b)).toEqual(all(700));
  });

  it("is waited out, if the pipeline says so: few calls are made, and nothing is lost", async () => {
    let isOut = true;
    let calls = 0;
    const run = await runAsync(
      async (event) => {
        calls++;
        if (isOut) throw new Error("no route to the far end");
        return event;
      },
      { onFailure: "wait", follow: true },
    );
    const from = run.clock.now();
    await until(
      () => run.clock.now() - from >= 600_000,
      () => run.clock.advance(1000),
    );
    // One probe for each rest: 1, 2, 4, 8, 16, then every 30 s.
    expect(calls).toBeLessThan(120);
    expect(calls).toBeGreaterThan(20);
    isOut = false;
    await until(
      () => run.kept.length === 70,
      () => run.clock.advance(1000),
    );
    expect(run.log).toContain("t info calls succeed again");
    expect(values(run.kept)).toEqual(all(70));
    expect(deadLetters(run.dataDir)).toEqual([]);
    await inTime(run.clock, run.runtime.stop(1000));
    expectBalance(run);
  });
});

describe("a stop", () => {
  const honouring =
    (open: (event: Event) => boolean): EachStep =>
    (event, { signal }: EachTools) =>
      open(event)
        ? Promise.resolve(event)
        : new Promise((_, reject) => {
            signal.addEventListener("abort", () => reject(new Error("aborted")));
          });

  it("waits for calls that heed their signal (the run failed before)", async () => {
    const answers: (() => void)[] = [];
    const run = await runAsync(
      (event, { signal }) =>
        new Promise((resolve, reject) => {
          answers.push(() => resolve(event));
          signal.addEventListener("abort", () => reject(new Error("aborted")));
        }),
      { follow: true, concurrency: 100 },
    );
    await until(() => answers.length === 70);
    const stopped = run.runtime.stop(10_000);
    await turn();
    for (const answer of answers) answer();
    await inTime(run.clock, stopped);
    expect(await run.runtime.ended).toEqual({ how: "stopped" });
    expect(values(run.kept)).toEqual(all(70));
    expect(deadLetters(run.dataDir)).toEqual([]);
    expectBalance(run);
  });

  it("sends no event to the dead letter because its call was aborted at the deadline (350 of 400 before)", async () => {
    const run = await runAsync(
      honouring((event) => numberOf(event) < 14),
      { follow: true, timeout: 3_600_000 },
    );
    await until(
      () => run.kept.length === 14,
      () => run.clock.advance(100),
    );
    await inTime(run.clock, run.runtime.stop(1000));
    expect(await run.runtime.ended).toEqual({ how: "stopped" });
    await turn();
    expect(deadLetters(run.dataDir)).toEqual([]);
    expect(values(run.kept)).toEqual(all(14));
    expectBalance(run);
    await expectRest(run, 70);
  });

  it("ignores calls that finish after its deadline", async () => {
    const answers: (() => void)[] = [];
    const run = await runAsync(
      (event) =>
        new Promise((resolve) => {
          answers.push(() => resolve(event));
        }),
      { follow: true, concurrency: 100, timeout: 3_600_000 },
    );
    await until(() => answers.length === 70);
    await inTime(run.clock, run.runtime.stop(1000));
    expect(await run.runtime.ended).toEqual({ how: "stopped" });
    for (const answer of answers) answer();
    await turn();
    expect(run.kept).toEqual([]);
    expectBalance(run);
    await expectRest(run, 70);
  });
});

describe("concurrent calls", () => {
  it("never exceed the limit of the pipeline, across batches", async () => {
    let [open, most, calls] = [0, 0, 0];
    const clock = virtualClock();
    const run = await runAsync(
      async (event) => {
        calls++;
        most = Math.max(most, ++open);
        await clock.sleep(100);
        open--;
        return event;
      },
      { concurrency: 5, perReading: 3, clock },
    );
    await finished(run);
    expect(most).toBe(5);
    expect(calls).toBe(70);
    expect(values(run.kept)).toEqual(all(70));
  });

  it("may finish in any order: components downstream see the order of batches", async () => {
    const seen: number[] = [];
    const clock = virtualClock();
    const { kept, plugin } = keeping();
    const slowFirst = asyncOf(async (event) => {
      await clock.sleep(1 + ((numberOf(event) * 7919) % 500));
      return event;
    });
    const watching = keepOf(({ state }) => (event) => {
      seen.push(numberOf(event));
      state.set("last", String(numberOf(event)));
      return event;
    });
    const plan = topology({
      in: [lines(numbers(140))],
      slow: [slowFirst, ["in"], { calling: { ...defaultCalling(), concurrency: 100 } }],
      watching: [watching, ["slow", "in"]],
      out: [plugin, ["watching"]],
    });
    const { runtime } = await startRun(plan, temporaryDir(), { clock });
    await finished({ runtime, clock });
    const twice = (batch: number) => [0, 1].flatMap(() => all(7).map((n) => batch * 7 + n));
    expect(seen).toEqual(Array.from({ length: 20 }, (_, batch) => twice(batch)).flat());
    expect(values(kept)).toEqual(seen);
  });

  it("that hang block other branches only when there is no more room", async () => {
    const clock = virtualClock();
    const [slow, fast] = [keeping(), keeping()];
    const plan = topology({
      in: [lines(numbers(700), { follow: true })],
      t: [asyncOf(never), ["in"]],
      slow: [slow.plugin, ["t"]],
      fast: [fast.plugin, ["in"]],
    });
    const { runtime } = await startRun(plan, temporaryDir(), { clock });
    // The time limit of each event frees the order of batches, and the breaker the rest of the outage.
    await until(
      () => fast.kept.length === 700,
      () => clock.advance(100),
    );
    expect(values(fast.kept)).toEqual(all(700));
    expect(slow.kept).toEqual([]);
    expectBalance({ runtime });
    await inTime(clock, runtime.stop(1000));
    expectBalance({ runtime });
  });
});
