import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Event, RecordMeta } from "../../event.ts";
import { virtualClock } from "../../virtual-clock.ts";
import { Gathering } from "./gathering.ts";
import { Group } from "./group.ts";
import { Outlet } from "./outlets.ts";

/** Two sources that gather, and one that admits its batches itself, as a tick does. */
const start = (budget = 1_000_000) => {
  const clock = virtualClock();
  const group = new Group(clock, budget, () => undefined);
  const batches: { readonly events: readonly number[]; readonly ingested: number }[] = [];
  const settled: number[] = [];
  const accepted: number[] = [];
  const outlets = new Outlet();
  outlets.add(
    {
      receive: (flight, _input, events) =>
        void batches.push({ events: events.map(({ meta }) => meta.position), ingested: flight.admission.ingested }),
    },
    0,
  );
  const origin = { id: "source", outlets, announce: () => undefined };
  const gathering = () =>
    new Gathering({
      group,
      stamp: () => clock.now(),
      admit: ({ events, settled, bytes, ingested }) => {
        const settle = (outcome: "committed" | "abandoned") => {
          for (const one of settled) one(outcome);
        };
        group.admit(origin, { events, admission: { checkpoint: undefined, bytes, ingested, settled: settle } });
      },
    });
  const sources = [gathering(), gathering()];
  const take = (count: number, ingested: number): Event[] =>
    Array.from({ length: count }, () => {
      accepted.push(accepted.length);
      return { data: {}, meta: new RecordMeta("source", "stream", accepted.length - 1, ingested) };
    });
  const offer = (source: number, count: number) => {
    const ingested = sources[source]!.stamp();
    const reading = { stream: "request", position: 0, bytes: new Uint8Array(0), once: true };
    const draft = { events: take(count, ingested), failures: [], bytes: 100 * count };
    const number = accepted.length;
    sources[source]!.add(reading, draft, ingested, () => void settled.push(number));
  };
  const tick = () => {
    const ingested = clock.now();
    const admission = { checkpoint: undefined, bytes: 0, ingested, settled: undefined };
    group.admit(origin, { events: take(1, ingested), admission });
  };
  return { clock, group, batches, settled, accepted, offer, tick };
};

describe("gathered readings", () => {
  it("are admitted in the order in which they were accepted, before anything else, with timestamps that never run back", async () => {
    const step = fc.oneof(
      fc.record({ source: fc.nat({ max: 1 }), events: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 256 })) }),
      fc.constant("tick" as const),
      fc.constant("second" as const),
      fc.constant("turn" as const),
    );
    let most = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        const { clock, group, batches, settled, accepted, offer, tick } = start();
        let readings = 0;
        for (const one of steps) {
          if (one === "tick") tick();
          else if (one === "second") await clock.advance(1_000);
          else if (one === "turn") await new Promise((resolve) => setImmediate(resolve));
          else {
            offer(one.source, one.events);
            readings++;
          }
        }
        group.close();
        expect(batches.flatMap(({ events }) => events)).toEqual(accepted);
        const times = batches.map(({ ingested }) => ingested);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        for (const { events } of batches) expect(events.length).toBeLessThanOrEqual(256);
        group.abandon();
        expect(settled).toHaveLength(readings);
        expect(group.isIdle).toBe(true);
        most = Math.max(most, readings - batches.length);
      }),
    );
    expect(most).toBeGreaterThan(1);
  });

  it("count against the budget at once, and are admitted at the end of the turn", async () => {
    const { group, batches, offer } = start(500);
    for (let request = 0; request < 4; request++) {
      expect(group.hasRoom).toBe(true);
      offer(0, 1);
    }
    offer(0, 1);
    expect([group.hasRoom, group.isIdle, batches.length]).toEqual([false, false, 0]);
    await new Promise((resolve) => setImmediate(resolve));
    expect([group.hasRoom, group.usedBytes]).toEqual([false, 500]);
    expect(batches.map(({ events }) => events)).toEqual([[0, 1, 2, 3, 4]]);
  });
});
