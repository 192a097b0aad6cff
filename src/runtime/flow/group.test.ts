import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { virtualClock } from "../../virtual-clock.ts";
import type { Flight } from "./flight.ts";
import { Group } from "./group.ts";
import { Outlet } from "./outlets.ts";

/** A group whose batches stay open until `finish` is called with their number. */
const openGroup = () => {
  const told: number[] = [];
  const flights = new Map<number, Flight>();
  const group = new Group(virtualClock(), 1_000, () => undefined);
  const outlets = new Outlet();
  outlets.add({ receive: (flight) => void flights.set(flight.sequence, flight) }, 0);
  const admit = (stores: boolean) => {
    const number = group.next;
    const settled = () => void told.push(number);
    const admission = { checkpoint: undefined, bytes: 10, ingested: 1, settled };
    group.admit({ id: "source", outlets, announce: () => undefined }, { events: [], admission });
    if (stores) flights.get(number)!.frames.set({ name: "out" }, { parts: [], events: 0 });
    return number;
  };
  return { group, told, admit, finish: (number: number) => group.release(flights.get(number)!) };
};

describe("a batch that leaves nothing to store", () => {
  it("is settled as soon as all earlier ones are, without a commit", () => {
    const step = fc.oneof(
      fc.record({ admit: fc.boolean() }),
      fc.record({ finish: fc.nat() }),
      fc.constant("freeze" as const),
      fc.constant("commit" as const),
    );
    let withoutCommit = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), (steps) => {
        const { group, told, admit, finish } = openGroup();
        const expected: number[] = [];
        const waiting: { readonly number: number; readonly stores: boolean; isOpen: boolean }[] = [];
        let frozen: readonly Flight[] | undefined;
        const leave = () => {
          for (let [first] = waiting; first && !first.isOpen && !first.stores; [first] = waiting) {
            expected.push(waiting.shift()!.number);
            withoutCommit++;
          }
        };
        for (const one of steps) {
          if (one === "freeze") frozen ??= group.settledPrefix();
          else if (one === "commit") {
            for (const flight of frozen ?? []) flight.notify("committed");
            group.committed(frozen ?? []);
            expected.push(...waiting.splice(0, frozen?.length ?? 0).map(({ number }) => number));
            frozen = undefined;
          } else if ("admit" in one) waiting.push({ number: admit(one.admit), stores: one.admit, isOpen: true });
          else {
            const open = waiting.filter(({ isOpen }) => isOpen);
            const chosen = open[one.finish % open.length];
            if (chosen) {
              chosen.isOpen = false;
              finish(chosen.number);
            }
          }
          leave();
          expect(told).toEqual(expected);
          expect(group.isIdle).toBe(waiting.length === 0);
          expect(group.usedBytes).toBe(waiting.length * 10);
        }
      }),
    );
    expect(withoutCommit).toBeGreaterThan(50);
  });
});
