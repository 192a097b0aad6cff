import { expect, it } from "vitest";
import { defineSink, type Outcome, type Writer } from "weir";
import { type VirtualClock, virtualClock } from "weir/testing";
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

const values = (kept: readonly { readonly data: { readonly [key: string]: unknown } }[]) =>
  kept.map(({ data }) => data["n"]);

/** A sink whose first write does what is given; later ones keep their events. */
const firstWrite = (write: Writer["write"]) => {
  const { kept, plugin } = keeping();
  let writes = 0;
  const faulty = defineSink({
    ...plugin,
    open: async (context) => {
      const writer = await plugin.open(context);
      return { write: (events, signal) => (++writes === 1 ? write(events, signal) : writer.write(events, signal)) };
    },
  });
  return { kept, plugin: faulty };
};

const failure = (index: number) => ({ index, message: "no", final: true });

it.each([
  [{ failed: [failure(99)] }, "a failure with index 99 in a write of 7"],
  [{ failed: [failure(2), failure(2)] }, "two failures with index 2"],
  [{ failed: [failure(1.5)] }, "a failure with index 1.5"],
  ["delivered", 'returned "delivered" from write()'],
  [[], "returned [] from write()"],
])("a sink that returns %j has delivered nothing, and is tried again", async (outcome, words) => {
  const { kept, plugin } = firstWrite(async () => outcome as unknown as Outcome);
  const plan = topology({ in: [lines(numbers(7))], out: [plugin, ["in"]] });
  const { runtime, log } = await startRun(plan, temporaryDir(), { clock: hurriedClock });
  expect(await runtime.ended).toEqual({ how: "finished" });
  expect(values(kept)).toEqual(values(numbers(7).map((data) => ({ data }))));
  const said = log.filter((line) => line.startsWith("out warn") && line.includes(words));
  expect(said).toEqual([expect.stringContaining(`the sink "out" `)]);
  expect(runtime.stats().components["out"]).toMatchObject({
    component_sent_events_total: 7,
    component_dead_letter_events_total: {},
    component_retries_by_reason: { bad_outcome: 1 },
    unbalanced_events: 0,
  });
});

const ignoresSignal = "the write did not return 5 s after its time-out: the plugin ignores its abort signal";

/** A write that returns after `delay` milliseconds, whatever its signal says. */
const deaf = (clock: VirtualClock, delay: number) => {
  let isBack = false;
  return {
    isBack: () => isBack,
    write: async () => {
      await clock.sleep(delay);
      isBack = true;
    },
  };
};

it("a write that ignores its signal counts as failed 5 s after its time-out; its late result is ignored", async () => {
  const clock = virtualClock();
  const { isBack, write } = deaf(clock, 600_000);
  const { kept, plugin } = firstWrite(write);
  const source = lines(numbers(5), { follow: true });
  const plan = topology({ in: [source], out: [plugin, ["in"], { timeout: 2000 }] });
  const { runtime, log } = await startRun(plan, temporaryDir(), { clock, random: () => 0 });
  await until(
    () => kept.length === 5,
    () => clock.advance(100),
  );
  expect(isBack()).toBe(false);
  expect(log.filter((line) => line.includes(ignoresSignal))).toEqual([expect.stringMatching(/^out warn /)]);
  const { component_retries_by_reason: retries } = runtime.stats().components["out"]!;
  expect(retries).toEqual({ timed_out: 1 });
  await until(isBack, () => clock.advance(10_000));
  expect(runtime.stats().components["out"]!.component_sent_events_total).toBe(5);
  await inTime(clock, runtime.stop(1000));
  expect(values(kept)).toEqual([0, 1, 2, 3, 4]);
  expect(unbalancedComponents(runtime.stats())).toEqual({});
});

it("so does one of a sink that is not required: its events are dropped, and the next write starts", async () => {
  const clock = virtualClock();
  const { write } = deaf(clock, 3_600_000);
  const { kept, plugin } = firstWrite(write);
  const batch = { maxEvents: 4, maxSize: 1 << 20, timeout: 0 };
  const plan = topology({
    in: [lines(numbers(8), { follow: true })],
    live: [plugin, ["in"], { required: false, timeout: 2000, batch }],
  });
  const { runtime, log } = await startRun(plan, temporaryDir(), { clock });
  await until(
    () => kept.length === 4,
    () => clock.advance(100),
  );
  expect(values(kept)).toEqual([4, 5, 6, 7]);
  expect(log.filter((line) => line.includes(ignoresSignal))).toEqual([expect.stringMatching(/^live warn /)]);
  await inTime(clock, runtime.stop(1000));
  expect(runtime.stats().components["live"]!.component_dropped_events_total).toEqual({ not_delivered: 4 });
  expect(unbalancedComponents(runtime.stats())).toEqual({});
});

it("a sink whose open() returns no writer is reported in one sentence, and blocks no other", async () => {
  const { kept, plugin } = keeping();
  const broken = [undefined, {}, "a writer"];
  let opened = 0;
  const odd = defineSink({
    ...plugin,
    open: (context) =>
      opened < broken.length ? (broken[opened++] as unknown as Writer) : (plugin.open(context) as Writer),
  });
  const healthy = keeping();
  const plan = topology({ in: [lines(numbers(6))], odd: [odd, ["in"]], good: [healthy.plugin, ["in"]] });
  const { runtime, log } = await startRun(plan, temporaryDir(), { clock: hurriedClock });
  expect(await runtime.ended).toEqual({ how: "finished" });
  const said = log.filter((line) => line.includes('open() of the plugin "keeping" returned '));
  expect(said).toHaveLength(3);
  expect(said[0]).toMatch(/^odd error /);
  expect([kept.length, healthy.kept.length]).toEqual([6, 6]);
  expect(runtime.stats().components["odd"]!.component_retries_by_reason).toEqual({ not_opened: 3 });
});
