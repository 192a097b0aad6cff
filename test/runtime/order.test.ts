import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writerOver } from "../../src/runtime/data-dir.ts";
import { turn } from "../../src/testing/index.ts";
import { diskModel } from "./disk-model.ts";
import { hurriedClock, keeping, lines, numbers, startRun, temporaryDir, topology, until } from "./harness.ts";
import { type Call, sqliteError, systemError, watchedStorage } from "./watched-storage.ts";

const faults = { open: systemError("EMFILE"), write: systemError("ENOSPC"), commit: sqliteError(13) };

/** A run whose calls are watched. Anything too early, too late or out of order is reported as a sentence. */
const watchedRun = async (
  dataDir: string,
  records: number,
  options: { perReading?: number; segmentBytes?: number; fault?: (call: Call) => Error | undefined } = {},
) => {
  const { perReading = 7, segmentBytes = 400, fault = () => undefined } = options;
  const model = diskModel(dataDir);
  const { violations, committed } = model;
  const outcomes: string[] = [];
  const position = () => committed.get("in/s") ?? 0;
  const { files, wrap } = watchedStorage(dataDir, (call) => {
    const error = fault(call);
    if (!error) model.note(call);
    return error;
  });
  const settled = (outcome: string, end: number) => {
    outcomes.push(outcome);
    if (outcome === "committed" && position() < end)
      violations.push(`reported that ${end} is committed, at ${position()}`);
  };
  const { kept, plugin } = keeping((events) => {
    for (const { meta } of events)
      if (meta.position >= position()) violations.push(`delivered ${meta.position}, at ${position()}`);
  });
  const source = lines(numbers(records), { perReading, settled });
  const { runtime, log } = await startRun(topology({ in: [source], out: [plugin, ["in"]] }), dataDir, {
    makeWriter: (given) => writerOver(files, wrap)({ ...given, segmentBytes }),
    clock: hurriedClock,
  });
  return { runtime, kept, outcomes, violations, log };
};

describe("write, sync, commit, notify, deliver", () => {
  it("happen in this order, for every event, reading and segment", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ perReading: fc.integer({ min: 1, max: 40 }), segmentBytes: fc.integer({ min: 1, max: 2000 }) }),
        fc.nat({ max: 300 }),
        async (options, records) => {
          const { runtime, kept, outcomes, violations } = await watchedRun(temporaryDir(), records, options);
          expect(await runtime.ended).toEqual({ how: "finished" });
          expect(violations).toEqual([]);
          expect(kept.map(({ data }) => data["n"])).toEqual(numbers(records).map(({ n }) => n));
          expect(outcomes).toEqual(new Array(Math.ceil(records / options.perReading)).fill("committed"));
        },
      ),
      { numRuns: process.env["WEIR_LONG"] ? 12 : 5 },
    );
  });

  it("happen in this order whatever fails on the way, and nothing is lost or duplicated", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 5, maxLength: 60, size: "max" }), async (schedule) => {
        const fails = [...schedule];
        const fault = ({ name }: Call) =>
          name in faults && fails.shift() ? faults[name as keyof typeof faults] : undefined;
        const { runtime, kept, violations } = await watchedRun(temporaryDir(), 200, { fault });
        expect(await runtime.ended).toEqual({ how: "finished" });
        expect(violations).toEqual([]);
        expect(kept.map(({ data }) => data["n"])).toEqual(numbers(200).map(({ n }) => n));
        expect(runtime.stats().commit_retries_total).toBeGreaterThanOrEqual(
          schedule.filter(Boolean).length > 0 ? 1 : 0,
        );
      }),
      { numRuns: process.env["WEIR_LONG"] ? 12 : 5 },
    );
  });

  it("end when a sync fails: no part of that commit is notified or delivered", async () => {
    for (const [name, error] of [
      ["sync", systemError("EIO")],
      ["commit", sqliteError(1034)],
    ] as const) {
      let commits = 0;
      const fault = (call: Call) => (call.name === name && ++commits > 3 ? error : undefined);
      const { runtime, kept, outcomes, violations, log } = await watchedRun(temporaryDir(), 500, { fault });
      const ending = await runtime.ended;
      expect(ending).toMatchObject({ how: "failed", component: "weir" });
      await until(() => outcomes.includes("abandoned"));
      const before = kept.length;
      for (let count = 0; count < 50; count++) await turn();
      expect(kept).toHaveLength(before);
      expect(violations).toEqual([]);
      expect(kept.length).toBeLessThan(500);
      expect(log.filter((line) => line.includes("tried again"))).toEqual([]);
    }
  });
});
