import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Data } from "../json.ts";
import { inDataDir } from "../pipeline-tests/run/data-dir.ts";
import { stage } from "../pipeline-tests/run/doubles.ts";
import { Life } from "../pipeline-tests/run/life.ts";
import { defineTransform } from "../plugin.ts";
import { topologyOf } from "../topology/topology.ts";
import { virtualClock } from "../virtual-clock.ts";
import { type BacktestRequest, backtest } from "./backtest.ts";
import { day, type RuleFindings } from "./findings.ts";
import { detectingBehind } from "./staged.ts";
import { type Door, doorsInOrder, lineOf, minute, openedIn, start } from "./testing/doors.ts";
import { doorsPipeline } from "./testing/pipeline.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;

let doors: Awaited<ReturnType<typeof doorsPipeline>>;
beforeAll(async () => {
  doors = await doorsPipeline();
});
afterAll(() => rmSync(doors.folder, { recursive: true, force: true }));

const backtestOf = async (files: readonly string[], given: Partial<BacktestRequest> = {}) => {
  const { topology, trusted, sent } = doors;
  sent.length = 0;
  const detecting = detectingBehind(topology, "doors");
  const request = {
    source: "doors",
    detecting,
    isChosen: () => true,
    time: undefined,
    since: undefined,
    until: undefined,
  };
  return backtest(topology, { ...request, files, ...given }, trusted);
};

const written = (name: string, content: string | Buffer): string => {
  const path = join(doors.folder, name);
  writeFileSync(path, content);
  return path;
};

/** What the rules send if each event comes at its time, on the clock of pipeline tests. */
const sentInTests = async (list: readonly Door[]): Promise<readonly Data[]> => {
  const { topology, trusted, sent } = doors;
  sent.length = 0;
  const log = () => ({ debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined });
  await inDataDir(async (dataDir) => {
    const staged = stage(topology, { steps: [] });
    const clock = virtualClock(list[0]!.at);
    const life = await Life.start({ staged, dataDir, clock, log, trusted });
    for (const door of list) {
      if (door.at > clock.now()) await life.advance(door.at - clock.now());
      staged.feeds.get("doors")!.texts([lineOf(door)]);
      await life.settle();
    }
    await life.advance(minute);
    await life.commit();
    expect(life.failure).toBeUndefined();
    await life.crash();
  });
  return [...sent];
};

/** What is the same wherever an event was read. */
const essence = (data: Data) => ({
  rule: data["kibana.alert.rule.name"],
  // By another axis than the host's, ticks come up to 100 ms later, depending on when the host looks.
  at: data["kibana.alert.rule.name"] === "Then Shut" ? undefined : data["@timestamp"],
  user: (data["user"] as { name?: string } | undefined)?.name,
  message: data["message"],
  count: (data["kibana.alert.threshold_result"] as { count?: number } | undefined)?.count,
  part: data["kibana.alert.group.index"],
});

const rulesOf = (result: Awaited<ReturnType<typeof backtestOf>>): ReadonlyMap<string, RuleFindings> =>
  new Map(
    result.findings.flatMap(({ rules }) => [...rules.values()].map((found) => [found.rule.name, found] as const)),
  );

describe("a backtest", () => {
  it("raises the alerts that come when each event comes at its time", async () => {
    await fc.assert(
      fc.asyncProperty(doorsInOrder(20), async (list) => {
        const expected = (await sentInTests(list)).map(essence);
        const result = await backtestOf([written("doors.log", list.map((door) => `${lineOf(door)}\n`).join(""))]);
        expect(result.failure).toBeUndefined();
        expect(doors.sent.map(essence)).toEqual(expected);
      }),
      { numRuns: isLong ? 40 : 6 },
    );
  }, 120_000);

  it("counts days, exceptions, suppressed alerts and profiles as a plain loop does, from any time on", async () => {
    await fc.assert(
      fc.asyncProperty(doorsInOrder(60), fc.integer({ min: 0, max: 59 }), async (list, place) => {
        const since = list[place % list.length]!.at;
        const result = await backtestOf([written("doors.log", list.map((door) => `${lineOf(door)}\n`).join(""))], {
          since: { at: since },
        });
        const found = rulesOf(result);
        const opened = openedIn(list, since);
        expect([...found.get("opened")!.days]).toEqual([...opened.days]);
        expect(found.get("opened")).toMatchObject({ ...opened.counts, capped: 0 });
        const profiles = result.profiles.map(({ profile, findings }) => {
          const [rule] = [...findings.rules.values()];
          return [profile, rule!.rule.name, [...rule!.days]];
        });
        const tuned = openedIn(
          list.filter(({ user }) => user !== "ann"),
          since,
        );
        expect(profiles).toEqual([
          ["literal", "opened", [...opened.days]],
          ["tuned", "opened", [...tuned.days]],
        ]);
        const ofCat = list.filter(({ user, at }) => user === "cat" && at >= since);
        const shut = ofCat.filter(({ action }) => action === "shut");
        expect(found.get("newcomer")!.exceptions.get("the cat")?.events ?? 0).toBe(ofCat.length);
        expect(found.get("many")!.exceptions.get("the cat")?.events ?? 0).toBe(shut.length);
        expect(result.times).toMatchObject({
          first: list[0]!.at,
          last: list.at(-1)!.at,
          earlier: list.filter(({ at }) => at < since).length,
          untimed: 0,
          late: 0,
        });
      }),
      { numRuns: isLong ? 40 : 10 },
    );
  }, 60_000);

  it("reads files in the order of their times, together where these overlap, compressed or not", async () => {
    await fc.assert(
      fc.asyncProperty(
        doorsInOrder(30),
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 30, maxLength: 30 }),
        async (given, places) => {
          // Between events of the same time, files have no order.
          const list = given.map((door, index) => ({ ...door, at: door.at + index }));
          await backtestOf([written("all.log", list.map((door) => `${lineOf(door)}\n`).join(""))]);
          const expected = doors.sent.map(essence);
          const files = ["b.log.1", "c.log.gz", "a.log"].map((name, file) => {
            const text = list.flatMap((door, index) => (places[index] === file ? [lineOf(door)] : [])).join("\n");
            return written(name, name.endsWith(".gz") ? gzipSync(text) : text);
          });
          const result = await backtestOf(files);
          expect(doors.sent.map(essence)).toEqual(expected);
          expect(result.times.late).toBe(0);
        },
      ),
      { numRuns: isLong ? 30 : 5 },
    );
  }, 60_000);

  it("takes times before the last event, and reads nothing after the end", async () => {
    const list = [0, 1, 2, 3, 4].map((days) => ({ at: start + days * day, user: "bob", action: "open" }));
    const text = list.map((door) => `${lineOf(door)}\n`).join("");
    for (const file of [written("days.log", text), written("days.log.gz", gzipSync(text))]) {
      const result = await backtestOf([file], { since: { before: 2 * day }, until: { before: day } });
      const opened = rulesOf(result).get("opened")!;
      expect([opened.earlier, opened.alerts]).toEqual([2, 2]);
      expect([...opened.days.keys()]).toEqual([2, 3].map((days) => Math.floor(start / day + days) * day));
      expect(result.times.last).toBe(start + 3 * day);
    }
  });

  it("counts what cannot be read, and goes on", async () => {
    const good = (minutes: number) => lineOf({ at: start + minutes * minute, user: "bob", action: "open" });
    const lines = [
      "not JSON at all",
      good(0),
      '{"__proto__": {"action": "open"}, "@timestamp": "never"}',
      `{"@timestamp": "9999-01-01T00:00:00Z", "action": "open", "user.name": "future"}`,
      `{"@timestamp": "${new Date(start + 20 * day).toISOString()}", "action": "open", "user.name": "wrong clock"}`,
      "\u0000\u0001\ufffd",
      "",
      good(40),
      `"${"x".repeat(2_000_000)}"`,
      "[1, 2, 3]",
    ];
    const compressed = gzipSync(Array.from({ length: 200 }, (_, index) => good(40 * index)).join("\n"));
    const result = await backtestOf([
      written("bad.log", lines.join("\n")),
      written("cut.log.gz", compressed.subarray(0, compressed.length - 20)),
      join(doors.folder, "missing.log"),
    ]);
    expect(result.failure).toBeUndefined();
    const { component_dead_letter_events_total: letters } = result.stats.components["doors"]!;
    expect(letters).toMatchObject({ not_json: 3, not_an_object: 2 });
    expect(result.letters.of("doors", "not_json")).toMatchObject({ component: "doors", reason: "not_json" });
    expect(result.times.untimed).toBe(3);
    expect(result.flaws.leaps).toBe(1);
    expect(result.flaws.unread.map(({ path }) => path.split("/").at(-1)).sort()).toEqual(["cut.log.gz", "missing.log"]);
    expect(rulesOf(result).get("opened")!.days.size).toBeGreaterThan(1);
  });
});

it("a transform that does not become ready ends the backtest", async () => {
  const { topology, trusted } = doors;
  const plugin = defineTransform({
    name: "waiting",
    summary: "Waits for something before the first event.",
    options: {},
    keep: () => ({ event: (event) => event, prepare: () => new Promise<void>(() => undefined) }),
  });
  const host = { outputs: [], dropOutputs: [], maxState: 1_000_000 };
  const wait = { id: "wait", kind: "transform", plugin, config: {}, host, inputs: ["doors"] } as const;
  const waiting = topologyOf([...topology.components, wait], topology.shared);
  const request = {
    source: "doors",
    files: [written("unready.ndjson", `${lineOf({ at: start, user: "ann", action: "open" })}\n`)],
    detecting: detectingBehind(topology, "doors"),
    isChosen: () => true,
    time: undefined,
    since: undefined,
    until: undefined,
    patience: 20,
  };
  const { failure } = await backtest(waiting, request, trusted);
  expect(failure).toContain('"wait" did not get what it needs before the first event');
});
