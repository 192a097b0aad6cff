import { expect } from "vitest";
import { expectConservation, expectEdge } from "../end-to-end/conservation.ts";
import { readStats } from "../end-to-end/weir.ts";
import { type Alerts, readAlerts } from "./alerts.ts";
import { isStray, lineOf, strayMark } from "./audit-lines.ts";
import { integrityOf, outboxRow, readDeadLetters, segmentsOf } from "./dead-letters.ts";
import type { LogWriter } from "./log-writer.ts";
import type { ObservedEvent } from "./observed.ts";
import { oracleAlerts } from "./oracle.ts";
import type { Run } from "./run.ts";
import { lateness, oracleRules } from "./setup.ts";

const numbersOf = ({ written }: LogWriter): number[] => Array.from({ length: written }, (_, number) => number);

/** L1 for what went through: every line once, as it was written, each log in its order. */
const expectAllObserved = ({ observed, writers }: Run): void => {
  expect(observed.changed).toEqual([]);
  for (const writer of writers) {
    const { plan } = writer;
    const wanted = numbersOf(writer)
      .filter((number) => !isStray(plan, number))
      .map((number) => lineOf(plan, number));
    const found = observed.lines.get(plan.source) ?? [];
    const at = wanted.findIndex((line, index) => line !== found[index]);
    expect({ source: plan.source, lines: found.length, at, found: found[at] }).toEqual({
      source: plan.source,
      lines: wanted.length,
      at: -1,
      found: undefined,
    });
  }
};

/** L1 for what could not: state is exactly once, so no line is there twice, and each with its place in its file. */
const expectAllStraysBuried = ({ paths, writers }: Run): void => {
  const found = readDeadLetters(paths.dataDir).map(({ head, data }) => {
    const [mark] = /stray-\w+-\d+-/.exec(data.raw ?? data.message ?? JSON.stringify(data)) ?? [""];
    return `${mark} ${head.component} ${head.source} ${head.position}`;
  });
  const wanted = writers.flatMap((writer) =>
    numbersOf(writer)
      .filter((number) => isStray(writer.plan, number))
      .map((number) => {
        const { plan, offsets } = writer;
        const decodes = plan.source === "north" && !lineOf(plan, number).startsWith('{"note"');
        return `${strayMark(plan, number)} ${decodes ? "north" : "ecs"} ${plan.source} ${offsets[number]}`;
      }),
  );
  expect(found.sort()).toEqual(wanted.sort());
};

/** L2: the alerts are those of the sequential oracle over the run's own order, and repeats are the same. */
const expectOracleAlerts = ({ paths, observed }: Run): Alerts => {
  const alerts = readAlerts(paths.alerts);
  const [headline, byStamp, byTime] = [oracleRules.headline, oracleRules.byStamp, oracleRules.byTime].map((rule) => [
    ...oracleAlerts(observed.events, rule),
  ]) as [string[], string[], string[]];
  expectSame([...alerts.byText.keys()], [...headline, ...byStamp, ...byTime]);
  // Windows ended in the run, and no event was further behind than the rule promises to judge exactly.
  expect(byStamp.length).toBeGreaterThan(headline.length);
  expect(byTime.length).toBeGreaterThan(headline.length);
  expect(mostBehind(observed.events)).toBeLessThan(lateness);
  expect({ changed: alerts.changed, ids: alerts.ids }).toEqual({ changed: [], ids: alerts.byText.size });
  console.log(`${alerts.ids} alerts, ${alerts.repeats} repeats`);
  return alerts;
};

/** How far an event's own time was at most behind the highest before it, in milliseconds. */
const mostBehind = (events: readonly ObservedEvent[]): number => {
  let [highest, behind] = [0, 0];
  for (const { staged } of events) {
    highest = Math.max(highest, staged);
    behind = Math.max(behind, highest - staged);
  }
  return behind;
};

/** The two sets are equal; a few of those that make the difference are shown. */
export const expectSame = (found: readonly string[], wanted: readonly string[]): void => {
  const [has, wants] = [new Set(found), new Set(wanted)];
  const missed = wanted.filter((text) => !has.has(text));
  const invented = found.filter((text) => !wants.has(text));
  expect({ missed: missed.slice(0, 5), invented: invented.slice(0, 5) }).toEqual({ missed: [], invented: [] });
};

/** L3 for the last life, which came to its end, and what it left on disk. */
const expectAllSettled = ({ paths: { stats: path, dataDir } }: Run): void => {
  const stats = readStats(path);
  expectConservation(stats);
  expectEdge(stats, ["north", "south"], "ecs");
  expectEdge(stats, ["ecs"], "detect");
  expectEdge(stats, ["ecs"], "observed");
  expectEdge(stats, ["detect"], "alerts");
  expect(integrityOf(dataDir)).toBe("ok");
  for (const sink of ["observed", "alerts"]) {
    const delivered = outboxRow(dataDir, "delivered", sink)!;
    expect({ sink, end: outboxRow(dataDir, "outbox_end", sink), left: stats.outbox_bytes[sink] }).toEqual({
      sink,
      end: delivered,
      left: 0,
    });
    expect(segmentsOf(dataDir, sink).map((name) => Number.parseInt(name, 10))).toEqual([delivered.segment]);
  }
};

/** All that holds whether the logs share their terms or not; gives the alerts. */
export const expectLaws = (run: Run): Alerts => {
  expectAllObserved(run);
  expectAllStraysBuried(run);
  expectAllSettled(run);
  return expectOracleAlerts(run);
};
