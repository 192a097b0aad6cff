import type { Runtime } from "../../src/runtime/runtime.ts";
import type { Stats } from "../../src/runtime/stats.ts";
import type { Tap } from "../../src/runtime/tap/tap.ts";

/** Taps on all outputs and inputs of a run; `differs`, after its end, says how they differ from its counters. */
export const tapAll = (runtime: Runtime) => {
  const before = runtime.stats();
  const leaving = runtime.tap({ glob: "*", rate: 1e9 }).tap;
  const entering = runtime.tap({ glob: "*", inputs: true, rate: 1e9 }).tap;
  return {
    differs: async (): Promise<string[]> => {
      const after = runtime.stats();
      const sides = [
        ["left", leavingIn(after) - leavingIn(before), await seenBy(leaving)],
        ["entered", enteringIn(after) - enteringIn(before), await seenBy(entering)],
      ] as const;
      return sides.flatMap(([what, counted, seen]) =>
        counted === seen ? [] : [`${counted} events ${what} components, and taps saw ${seen}`],
      );
    },
  };
};

const seenBy = async (tap: Tap): Promise<number> => {
  let seen = 0;
  for await (const { events, missed } of tap)
    seen += events.length + Object.values(missed).reduce((total, count) => total + count, 0);
  return seen;
};

const leavingIn = ({ components }: Stats): number =>
  Object.values(components)
    .filter(({ kind }) => kind !== "sink")
    .map(({ component_sent_events_total: sent, component_dropped_events_total: dropped }) =>
      Object.entries(dropped)
        .filter(([reason]) => reason.startsWith("output_"))
        .reduce((total, [, count]) => total + count, sent),
    )
    .reduce((total, count) => total + count, 0);

const enteringIn = ({ components }: Stats): number =>
  Object.values(components)
    .filter(({ kind }) => kind !== "source")
    .reduce((total, { component_received_events_total: count }) => total + count, 0);
