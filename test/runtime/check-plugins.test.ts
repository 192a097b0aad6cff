import { delay, distinctUntilChanged, map, mergeMap, mergeWith, NEVER, of, timer } from "rxjs";
import { describe, expect, it } from "vitest";
import { type Event, type Plugin, withData } from "weir";
import { eachBatch, filterEvents } from "weir/rxjs";
import { virtualClock } from "../../src/testing/index.ts";
import {
  hurriedClock,
  inTime,
  keeping,
  lines,
  numbers,
  startRun,
  temporaryDir,
  topology,
  transformOf,
  unbalancedComponents,
  until,
} from "./harness.ts";

const plan = (transform: Plugin, records: readonly object[] = numbers(300), follow = false) => {
  const { kept, plugin } = keeping();
  const source = lines(records as never, { follow });
  return { kept, plan: topology({ in: [source], t: [transform, ["in"]], out: [plugin, ["t"]] }) };
};

const isOdd = ({ data }: Event) => (data["n"] as number) % 2 === 1;

describe("a run that checks plugins", () => {
  it("ends as usual when operators do not depend on cuts, even if they take time", async () => {
    const slow = transformOf(({ scheduler }) =>
      eachBatch(mergeMap((event) => (isOdd(event) ? of(event).pipe(delay(20, scheduler)) : of(event)))),
    );
    const { kept, plan: topology } = plan(slow);
    const { runtime } = await startRun(topology, temporaryDir(), { checkPlugins: true, clock: hurriedClock });
    expect(await runtime.ended).toEqual({ how: "finished" });
    expect(kept).toHaveLength(300);
    expect(unbalancedComponents(runtime.stats())).toEqual({});
  });

  it("runs a new instance of the operator on up to 1,000 events", async () => {
    let built = 0;
    let seen = 0;
    const counting = transformOf(() => {
      built++;
      return filterEvents(() => ++seen > 0);
    });
    const { kept, plan: topology } = plan(counting, numbers(2500));
    const { runtime, log } = await startRun(topology, temporaryDir(), { checkPlugins: true });
    expect(await runtime.ended).toEqual({ how: "finished" });
    expect(kept).toHaveLength(2500);
    expect(log).toContain(
      "t info --check-plugins: the result of 700 events is the same however they are cut into batches",
    );
    // 100 batches of 7, in four cuts, the last one with 20 starts.
    expect(seen).toBe(2500 + 4 * 700);
    expect(built).toBe(1 + 3 + 20);
  });

  it("ends the run, naming component and event, if an operator depends on them", async () => {
    const same = (a: Event, b: Event) => a.data["n"] === b.data["n"];
    const distinct = transformOf(() => eachBatch(distinctUntilChanged(same), { dropped: "repeated" }));
    const records = Array.from({ length: 40 }, (_, index) => ({ n: Math.floor(index / 4) }));
    const { runtime } = await startRun(plan(distinct, records).plan, temporaryDir(), { checkPlugins: true });
    expect(await runtime.ended).toEqual({
      how: "failed",
      component: "t",
      error: new Error(
        '--check-plugins: the result for the event "in/s@8" depends on how batches are cut: use keep (one event a batch: sent {"n":0}; all events in one batch: dropped as "repeated")',
      ),
    });
    const unchecked = await startRun(plan(distinct, records).plan, temporaryDir());
    expect(await unchecked.runtime.ended).toEqual({ how: "finished" });
  });

  it("does so while the run continues, as soon as it has seen enough", async () => {
    let count = 0;
    const remembering = transformOf(() => map((batch) => batch.with(batch.events.map((event) => counted(event)))));
    const counted = (event: Event) => withData(event, { ...event.data, count: count++ });
    const { runtime } = await startRun(plan(remembering, numbers(1400), true).plan, temporaryDir(), {
      checkPlugins: true,
    });
    expect(await runtime.ended).toMatchObject({ how: "failed", component: "t" });
  });

  it("detects an operator that keeps its batch, after half a minute", async () => {
    const clock = virtualClock();
    let built = 0;
    const never = transformOf(() => (built++ === 0 ? map((batch) => batch) : eachBatch(mergeWith(NEVER))));
    const { runtime } = await startRun(plan(never).plan, temporaryDir(), { checkPlugins: true, clock });
    const ending = await inTime(clock, runtime.ended);
    expect(ending).toMatchObject({ how: "failed", component: "t" });
    expect(String((ending as { error: unknown }).error)).toContain("the operator did not send on");
  });

  it("ends when the run is stopped without a deadline", async () => {
    const clock = virtualClock();
    let built = 0;
    const never = transformOf(() => (built++ === 0 ? map((batch) => batch) : eachBatch(mergeWith(NEVER))));
    const { kept, plan: topology } = plan(never, numbers(700), true);
    const { runtime } = await startRun(topology, temporaryDir(), { checkPlugins: true, clock });
    await until(
      () => kept.length === 700,
      () => clock.advance(10),
    );
    await inTime(clock, runtime.stop(2000));
    expect(await runtime.ended).toEqual({ how: "stopped" });
  });
});

it("an error in work that an operator scheduled ends the run, naming the component", async () => {
  const bad = transformOf(({ scheduler }) => {
    timer(5, scheduler).subscribe();
    return map((batch) => {
      scheduler.schedule(() => {
        throw new Error("bad work");
      });
      return batch;
    });
  });
  const { runtime } = await startRun(plan(bad, numbers(10), true).plan, temporaryDir());
  expect(await runtime.ended).toEqual({ how: "failed", component: "t", error: new Error("bad work") });
});
