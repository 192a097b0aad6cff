import { map } from "rxjs";
import { describe, expect, it } from "vitest";
import { withData } from "weir";
import { filterEvents, mapEvents } from "weir/rxjs";
import {
  keeping,
  lines,
  numbers,
  startRun,
  temporaryDir,
  topology,
  transformOf,
  unbalancedComponents,
} from "./harness.ts";

describe("a run", () => {
  it("delivers every event to its sink, in order, and then ends", async () => {
    const { kept, plugin } = keeping();
    const plan = topology({ in: [lines(numbers(1000))], out: [plugin, ["in"]] });
    const { runtime } = await startRun(plan, temporaryDir());
    expect(await runtime.ended).toEqual({ how: "finished" });
    expect(kept.map(({ data }) => data["n"])).toEqual(numbers(1000).map(({ n }) => n));
    const stats = runtime.stats();
    expect(unbalancedComponents(stats)).toEqual({});
    expect(stats.components["out"]).toMatchObject({
      component_received_events_total: 1000,
      component_sent_events_total: 1000,
      component_in_flight_events: 0,
    });
  });

  it("continues from its checkpoint, and delivers nothing twice", async () => {
    const dataDir = temporaryDir();
    for (const [records, expected] of [
      [numbers(100), 100],
      [numbers(250), 150],
      [numbers(250), 0],
    ] as const) {
      const { kept, plugin } = keeping();
      const { runtime } = await startRun(topology({ in: [lines(records)], out: [plugin, ["in"]] }), dataDir);
      await runtime.ended;
      expect(kept).toHaveLength(expected);
    }
  });

  it("gives a fan-in all parts of a batch before the next, in the order of its inputs", async () => {
    const seen: number[][] = [];
    const { kept, plugin } = keeping();
    const plan = topology({
      in: [lines(numbers(90))],
      even: [transformOf(() => filterEvents(({ data }) => (data["n"] as number) % 2 === 0)), ["in"]],
      third: [transformOf(() => filterEvents(({ data }) => (data["n"] as number) % 3 === 0)), ["in"]],
      join: [
        transformOf(() =>
          map((batch) => {
            seen.push(batch.events.map(({ data }) => data["n"] as number));
            return batch;
          }),
        ),
        ["third", "even"],
      ],
      out: [plugin, ["join"]],
    });
    const { runtime } = await startRun(plan, temporaryDir());
    await runtime.ended;
    const batches = Array.from({ length: Math.ceil(90 / 7) }, (_, index) =>
      numbers(90)
        .slice(index * 7, index * 7 + 7)
        .map(({ n }) => n),
    );
    expect(seen).toEqual(
      batches.map((batch) => [...batch.filter((n) => n % 3 === 0), ...batch.filter((n) => n % 2 === 0)]),
    );
    expect(kept).toHaveLength(45 + 30);
    expect(unbalancedComponents(runtime.stats())).toEqual({});
  });

  it("sends an event for which a lifted function throws to the dead letter, and the others on", async () => {
    const { kept, plugin } = keeping();
    const broken = transformOf(() =>
      mapEvents((event) => {
        if (event.data["n"] === 13) throw new Error("thirteen");
        return withData(event, { ...event.data, seen: true });
      }),
    );
    const { runtime } = await startRun(
      topology({ in: [lines(numbers(50))], t: [broken, ["in"]], out: [plugin, ["t"]] }),
      temporaryDir(),
    );
    await runtime.ended;
    const stats = runtime.stats();
    expect(kept.map(({ data }) => data["n"])).toEqual(
      numbers(50)
        .map(({ n }) => n)
        .filter((n) => n !== 13),
    );
    expect(stats.components["t"]!.component_dead_letter_events_total).toEqual({ transform_error: 1 });
    expect(stats.outbox_bytes["dead_letter"]).toBeGreaterThan(0);
    expect(unbalancedComponents(stats)).toEqual({});
  });

  it("ends, naming the component, when a transform throws outside a lifted function", async () => {
    const { kept, plugin } = keeping();
    const broken = transformOf(() =>
      map(() => {
        throw new Error("no way on");
      }),
    );
    const { runtime } = await startRun(
      topology({ in: [lines(numbers(50))], bad: [broken, ["in"]], out: [plugin, ["bad"]] }),
      temporaryDir(),
    );
    expect(await runtime.ended).toMatchObject({ how: "failed", component: "bad", error: new Error("no way on") });
    expect(kept).toEqual([]);
  });
});
