import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Plugin, withData } from "weir";
import { turn, virtualClock } from "../../src/testing/index.ts";
import type { Topology } from "../../src/topology/topology.ts";
import {
  hurriedClock,
  inTime,
  keeping,
  keepOf,
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
const all = (count: number) => numbers(count).map(({ n }) => n);
const idsOf = ({ components }: Topology) => new Set(components.map(({ id }) => id));

/** Numbers events as they come, in state. */
const numbering = (): Plugin =>
  keepOf(({ state }) => (event) => {
    const place = Number(state.get("next") ?? 0);
    state.set("next", String(place + 1));
    return withData(event, { ...event.data, place });
  });

describe("replacing a group", () => {
  it("with a dead sink and a full outbox: uncommitted batches are abandoned and read again, each event once", async () => {
    const clock = virtualClock();
    const settled: string[] = [];
    const source = lines(numbers(100), { follow: true, settled: (outcome) => void settled.push(outcome) });
    const dead = keeping(() => {
      throw new Error("no such host");
    });
    const { kept, plugin } = keeping();
    const plan = (sink: Plugin) =>
      topology({ in: [source], count: [numbering(), ["in"]], out: [sink, ["count"], 500] });
    const { runtime, data, log } = await startRun(plan(dead.plugin), temporaryDir(), { clock, budget: 3000 });
    await until(() => runtime.stats().components["out"]!.component_retries_total > 0);
    await until(() => log.some((line) => line.includes("the outbox is full")));
    const next = plan(plugin);
    await inTime(clock, runtime.replace(next, idsOf(next), 5000));
    expect(settled).toContain("abandoned");
    await until(
      () => kept.length >= 100,
      () => clock.advance(100),
    );
    expect(values(kept)).toEqual(all(100));
    expect(kept.map(({ data }) => data["place"])).toEqual(all(100));
    expect(unbalancedComponents(runtime.stats())).toEqual({});
    expect(runtime.stats().components["count"]!.component_dropped_events_total["given_back"]).toBeUndefined();
    await until(() => data.reader.load().checkpoints.get("in")?.get("s")?.position !== undefined);
    await inTime(clock, runtime.stop(1000));
    expect(await runtime.ended).toEqual({ how: "stopped" });
  });

  it("adds and removes components, and leaves other groups alone", async () => {
    const a = keeping();
    const b = keeping();
    const c = keeping();
    const one = lines(numbers(30), { follow: true });
    const other = lines(numbers(30), { follow: true });
    const before = topology({ one: [one], a: [a.plugin, ["one"]], other: [other], b: [b.plugin, ["other"]] });
    const { runtime } = await startRun(before, temporaryDir());
    await until(() => a.kept.length === 30 && b.kept.length === 30);
    const after = topology({ one: [one], c: [c.plugin, ["one"]], other: [other], b: [b.plugin, ["other"]] });
    await runtime.replace(after, new Set(["a", "c"]), 1000);
    // The source continues after what the old group committed.
    expect(c.kept).toEqual([]);
    expect(Object.keys(runtime.stats().components)).toEqual(["one", "c", "other", "b"]);
    await runtime.stop(1000);
    expect(await runtime.ended).toEqual({ how: "stopped" });
    expect(a.kept.length + b.kept.length).toBe(60);
  });

  it("keeps taps, which then see the components that are new", async () => {
    const { kept, plugin } = keeping();
    const source = lines(numbers(60), { follow: true });
    const before = topology({ in: [source], out: [plugin, ["in"]] });
    const { runtime } = await startRun(before, temporaryDir());
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { events } of runtime.tap({ glob: "*" }).tap)
        seen.push(...events.map(({ component, data }) => `${component} ${data}`));
    })();
    await until(() => kept.length === 60);
    const more = topology({ in: [source], extra: [lines(numbers(3)), []], out: [plugin, ["in", "extra"]] });
    await runtime.replace(more, idsOf(more), 1000);
    await until(() => kept.length === 63);
    await runtime.stop(1000);
    await watching;
    expect(seen.filter((event) => event.startsWith("extra"))).toEqual(
      numbers(3).map((n) => `extra ${JSON.stringify(n)}`),
    );
  });

  it("at any moment, any number of times, with a flaky sink: state and events are those of a single run", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ turns: fc.nat({ max: 30 }), deadline: fc.nat({ max: 3 }) }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 10 }),
        async (replacements, fails) => {
          let asked = 0;
          const { kept, plugin } = keeping(async () => {
            await turn();
            if (fails[asked++ % fails.length]! && asked % 3 > 0) throw new Error("not now");
          });
          const source = lines(numbers(120), { follow: true, perReading: 3 });
          const plan = () => topology({ in: [source], count: [numbering(), ["in"]], out: [plugin, ["count"], 400] });
          const { runtime } = await startRun(plan(), temporaryDir(), { clock: hurriedClock, budget: 500 });
          for (const { turns, deadline } of replacements) {
            for (let i = 0; i < turns; i++) await turn();
            const next = plan();
            await runtime.replace(next, idsOf(next), deadline * 1000);
          }
          await until(() => new Set(values(kept)).size === 120);
          await runtime.stop(5000);
          expect(await runtime.ended).toEqual({ how: "stopped" });
          // A delivery under way when a group ends may be repeated, with the same contents.
          const first = new Map(kept.map(({ data }) => [data["n"], data["place"]]));
          expect([...first]).toEqual(all(120).map((n) => [n, n]));
          for (const { data } of kept) expect(data["place"]).toBe(data["n"]);
          expect(unbalancedComponents(runtime.stats())).toEqual({});
        },
      ),
      { numRuns: process.env["WEIR_LONG"] ? 200 : 15 },
    );
  });

  it("joins and separates groups: a sink moves from one to the other, each event once", async () => {
    const [a, b] = [keeping(), keeping()];
    const one = lines(numbers(200), { follow: true, perReading: 3 });
    const other = lines(numbers(200), { follow: true, perReading: 3 });
    const plan = (from: string) =>
      topology({
        one: [one],
        other: [other],
        a: [a.plugin, ["one"]],
        b: [b.plugin, [from]],
        c: [keeping().plugin, ["other"]],
      });
    const { runtime } = await startRun(plan("other"), temporaryDir());
    for (const from of ["one", "other", "one", "one", "other"]) {
      for (let i = 0; i < 10; i++) await turn();
      const next = plan(from);
      await runtime.replace(next, idsOf(next), 5000);
    }
    await until(() => a.kept.length === 200 && runtime.stats().components["c"]!.component_sent_events_total === 200);
    expect(values(a.kept)).toEqual(all(200));
    await runtime.stop(1000);
    expect(unbalancedComponents(runtime.stats())).toEqual({});
  });

  it("balances queues in memory: what was not delivered is read again, what was committed is handed over", async () => {
    const clock = virtualClock();
    const dead = keeping(() => {
      throw new Error("no such host");
    });
    const slow = keeping(() => new Promise<void>(() => undefined));
    const { kept, plugin } = keeping();
    const live = keeping();
    const source = lines(numbers(40), { follow: true });
    const place = (sink: Plugin, shown: Plugin) => {
      const plan = topology({ in: [source], memory: [sink, ["in"]], live: [shown, ["in"]] });
      for (const { id, host } of plan.components) {
        if (id === "memory") Object.assign(host, { buffer: { type: "memory", maxSize: 1e6, whenFull: "block" } });
        if (id === "live") Object.assign(host, { required: false });
      }
      return plan;
    };
    const { runtime } = await startRun(place(dead.plugin, slow.plugin), temporaryDir(), { clock });
    await until(() => runtime.stats().components["memory"]!.component_retries_total > 0);
    const next = place(plugin, live.plugin);
    await inTime(clock, runtime.replace(next, idsOf(next), 5000));
    await until(
      () => kept.length >= 40 && live.kept.length >= 40,
      () => clock.advance(100),
    );
    expect([values(kept), values(live.kept)]).toEqual([all(40), all(40)]);
    const { components } = runtime.stats();
    expect(unbalancedComponents(runtime.stats())).toEqual({});
    expect(Object.values(components).map(({ component_in_flight_events: left }) => left)).toEqual([0, 0, 0]);
    const last = topology({ in: [source], kept: [keeping().plugin, ["in"]] });
    await inTime(clock, runtime.replace(last, new Set(["in", "memory", "live", "kept"]), 5000));
    await inTime(clock, runtime.stop(1000));
    expect(await runtime.ended).toEqual({ how: "stopped" });
  });

  it("starts the old groups again if a component cannot be built", async () => {
    const { kept, plugin } = keeping();
    const source = lines(numbers(100), { follow: true });
    const plan = (count: Plugin) => topology({ in: [source], count: [count, ["in"]], out: [plugin, ["count"]] });
    const { runtime } = await startRun(plan(numbering()), temporaryDir());
    const broken = plan(
      keepOf(() => {
        throw new Error("not today");
      }),
    );
    await expect(runtime.replace(broken, idsOf(broken), 5000)).rejects.toThrow('"count" could not be built: not today');
    await until(() => kept.length === 100);
    expect(kept.map(({ data }) => data["place"])).toEqual(all(100));
    expect(runtime.topology.components.map(({ id }) => id)).toEqual(["in", "count", "out"]);
    await runtime.stop(1000);
    expect(unbalancedComponents(runtime.stats())).toEqual({});
  });

  it("lets a run finish whose sources have ended, when the receiver is mended", async () => {
    const clock = virtualClock();
    const dead = keeping(() => {
      throw new Error("no such host");
    });
    const { kept, plugin } = keeping();
    const source = lines(numbers(50));
    const plan = (sink: Plugin) => topology({ in: [source], out: [sink, ["in"]] });
    const { runtime } = await startRun(plan(dead.plugin), temporaryDir(), { clock });
    await until(() => runtime.stats().components["out"]!.component_retries_total > 0);
    const next = plan(plugin);
    await inTime(clock, runtime.replace(next, idsOf(next), 5000));
    expect(await inTime(clock, runtime.ended)).toEqual({ how: "finished" });
    expect(values(kept)).toEqual(all(50));
  });
});
