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
    const { runtime, data } = await startRun(plan(dead.plugin), temporaryDir(), { clock, budget: 3000 });
    await until(() => runtime.stats().components["out"]!.component_retries_total > 0);
    await until(() => runtime.stats().outbox_bytes["out"]! > 300);
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
});
