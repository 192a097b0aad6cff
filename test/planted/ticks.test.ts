import { describe, expect, it } from "vitest";
import type { Keeper, State, Tick } from "weir";
import { virtualClock } from "../../src/testing/index.ts";
import {
  inTime,
  keeping,
  keepOf,
  lines,
  numbers,
  startRun,
  temporaryDir,
  topology,
  until,
} from "../runtime/harness.ts";
import { all, deadLetters, expectBalance, sentenceOf, values } from "./faults.ts";

/** Passes events on, and asks for a tick with each. */
const ticking = (tick: (tick: Tick, state: State) => unknown) =>
  keepOf(
    ({ state }): Keeper => ({
      event: (event) => {
        state.wake(0);
        return event;
      },
      tick: (time) => tick(time, state) as undefined,
    }),
  );

const raise = (error: unknown): never => {
  throw error;
};

describe("a tick that", () => {
  const faults: Readonly<Record<string, readonly [tick: (tick: Tick, state: State) => unknown, says: string]>> = {
    throws: [() => raise(new Error("no such window")), "no such window"],
    "returns a promise": [
      async () => raise(new Error("nobody hears it")),
      "tick returned a promise; keep must be synchronous: make asynchronous calls in each",
    ],
    "emits without an id": [
      ({ emit }) => emit({ id: "", data: {} }),
      'emit got no "id"; it takes a non-empty string that identifies the event',
    ],
    "emits without data": [({ emit }) => emit({ id: "x" } as never), 'emit got nothing as "data"; it takes an object'],
    "emits to an output that it does not declare": [
      ({ emit }) => emit({ id: "x", to: "windows", data: {} }),
      'emit got the output "windows", which "outputs" does not declare',
    ],
    "emits two events under one id": [
      ({ emit }) => [1, 2].map((n) => emit({ id: "window", data: { n } })),
      'emit got the id "window" twice; give each emitted event its own id, such as a key and a window',
    ],
    "continues after emit has returned false": [
      ({ emit }) => {
        for (let window = 0; ; window++) emit({ id: `w${window}`, data: { text: "x".repeat(100_000) } });
      },
      "one tick emitted more than 16777216 bytes; return when emit returns false: the next tick comes at once",
    ],
    "writes a value that is not a string": [
      (_tick, state) => state.set("a", 5 as never),
      "state keys and values must be strings; use JSON.stringify for other values",
    ],
    "always emits the same when it is asked to continue": [
      ({ emit }) => {
        let isMore = true;
        for (let window = 0; isMore; window++) isMore = emit({ id: `w${window}`, data: { text: "x".repeat(100_000) } });
      },
      'a tick emitted "w0", which the previous tick already emitted; record progress in state, so that the next tick continues from there',
    ],
  };
  for (const [fault, [tick, says]] of Object.entries(faults))
    it(`${fault} ends the run, naming the component`, async () => {
      expect(await sentenceOf(ticking(tick))).toBe(says);
    });

  it("emits after it is over gets an error, and loses nothing silently", async () => {
    const errors: string[] = [];
    const run = await startRun(
      topology({
        in: [lines(numbers(7))],
        t: [
          ticking(({ emit }) =>
            setImmediate(() => {
              try {
                emit({ id: "late", data: {} });
              } catch (error) {
                errors.push((error as Error).message);
              }
            }),
          ),
          ["in"],
        ],
        out: [keeping().plugin, ["t"]],
      }),
      temporaryDir(),
    );
    expect(await run.runtime.ended).toEqual({ how: "finished" });
    expect(new Set(errors)).toEqual(
      new Set(['"t" called emit outside an event or tick; call it only while handling one']),
    );
    expectBalance(run);
  });
});

it("a tick with too much output continues in further ticks, without repeats", async () => {
  const windows = 100;
  const { kept, plugin } = keeping();
  const plan = topology({
    in: [lines(numbers(7))],
    t: [
      ticking(({ emit }, state) => {
        let next = Number(state.get("next") ?? "0");
        for (let isMore = true; isMore && next < windows; next++)
          isMore = emit({ id: `w${next}`, data: { window: next, text: "x".repeat(100_000) } });
        state.set("next", String(next));
      }),
      ["in"],
    ],
    out: [plugin, ["t"]],
  });
  const dataDir = temporaryDir();
  const { runtime } = await startRun(plan, dataDir);
  expect(await runtime.ended).toEqual({ how: "finished" });
  const revealed = kept.filter(({ data }) => data["window"] !== undefined);
  expect(revealed.map(({ data }) => data["window"])).toEqual(all(windows));
  expect(values(kept.filter(({ data }) => data["n"] !== undefined))).toEqual(all(7));
  expect(deadLetters(dataDir)).toEqual([]);
  expectBalance({ runtime });
});

it("a tick that always asks for another at once blocks neither events nor a stop", async () => {
  const clock = virtualClock();
  let ticks = 0;
  const { kept, plugin } = keeping();
  const plan = topology({
    in: [lines(numbers(70), { follow: true })],
    t: [
      ticking((_tick, state) => {
        ticks++;
        state.wake(0);
      }),
      ["in"],
    ],
    out: [plugin, ["t"]],
  });
  const { runtime } = await startRun(plan, temporaryDir(), { clock });
  await until(
    () => kept.length === 70 && ticks > 10,
    () => clock.advance(100),
  );
  // From now on only ticks ask for ticks.
  const before = ticks;
  for (let step = 0; step < 100; step++) await clock.advance(10);
  expect(ticks - before).toBeLessThanOrEqual(11);
  expect(ticks - before).toBeGreaterThan(5);
  expect(values(kept)).toEqual(all(70));
  await runtime.stop(1000);
  expect(await runtime.ended).toEqual({ how: "stopped" });
  expectBalance({ runtime });
});

describe("the final tick", () => {
  /** Counts its events, and emits the count on the final tick. */
  const counting = () =>
    keepOf(
      ({ state }): Keeper => ({
        event: () => {
          state.set("count", String(Number(state.get("count") ?? 0) + 1));
          state.wake(Date.UTC(2100, 0));
          return "counted";
        },
        tick: ({ emit, final }) => {
          const count = state.get("count");
          if (!final || count === undefined) return;
          emit({ id: "count", data: { count: Number(count) } });
          state.delete("count");
        },
      }),
    );

  it("reaches a transform behind one that emits only then", async () => {
    const { kept, plugin } = keeping();
    const plan = topology({
      in: [lines(numbers(70))],
      first: [counting(), ["in"]],
      second: [counting(), ["first"]],
      out: [plugin, ["first", "second"]],
    });
    const { runtime } = await startRun(plan, temporaryDir());
    expect(await runtime.ended).toEqual({ how: "finished" });
    expect(kept.map(({ data }) => data["count"])).toEqual([70, 1]);
    expectBalance({ runtime });
  });

  it("is final also for a transform that always asks for another at once", async () => {
    let finals = 0;
    const { kept, plugin } = keeping();
    const asking = ticking(({ final }, state) => {
      if (final) finals++;
      state.wake(0);
    });
    const plan = topology({ in: [lines(numbers(70))], t: [asking, ["in"]], out: [plugin, ["t"]] });
    const { runtime } = await startRun(plan, temporaryDir());
    expect(await runtime.ended).toEqual({ how: "finished" });
    expect(values(kept)).toEqual(all(70));
    expect(finals).toBe(1);
    expectBalance({ runtime });
  });
});

it("a tick that is due while a run drains does not come, and does not delay its end", async () => {
  const clock = virtualClock();
  let deliver = () => {};
  const delivered = new Promise<void>((resolve) => {
    deliver = resolve;
  });
  const stamps: number[] = [];
  const { kept, plugin } = keeping(() => delivered);
  const asking = ticking(({ now }, state) => {
    stamps.push(now);
    state.wake(now + 60_000);
  });
  const plan = topology({
    in: [lines(numbers(70))],
    t: [asking, ["in"]],
    out: [plugin, ["t"], { timeout: 3_600_000 }],
  });
  const { runtime } = await startRun(plan, temporaryDir(), { clock });
  await until(() => runtime.phase === "running" && stamps.length > 0);
  await until(
    () => clock.now() > stamps[0]! + 300_000,
    () => clock.advance(10_000),
  );
  const ticks = stamps.length;
  await clock.advance(120_000);
  expect(stamps).toHaveLength(ticks);
  deliver();
  expect(await inTime(clock, runtime.ended)).toEqual({ how: "finished" });
  expect(values(kept)).toEqual(all(70));
  expectBalance({ runtime });
});
