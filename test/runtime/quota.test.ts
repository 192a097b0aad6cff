import { expect, it } from "vitest";
import type { Data } from "weir";
import { compileAggregate } from "../../plugins/transforms/aggregate/functions.ts";
import aggregate from "../../plugins/transforms/aggregate/index.ts";
import dedupe from "../../plugins/transforms/dedupe.ts";
import reduce from "../../plugins/transforms/reduce/index.ts";
import throttle from "../../plugins/transforms/throttle.ts";
import { readDeadLetters } from "../kill/dead-letters.ts";
import { keeping, lines, startRun, temporaryDir, topology, unbalancedComponents } from "./harness.ts";

const quota = 20_000;
/** `npm run test:long` tries more made-up keys. */
const madeUp = process.env["WEIR_LONG"] ? 100_000 : 3_000;

const oneDay = 86_400_000;
const counted = { n: compileAggregate("count"), sum: compileAggregate("sum(n)") };

/** Each with options under which nothing ends before the run does. */
const transforms = {
  throttle: [throttle, { limit: 1, every: oneDay, by: ["key"], summary: false }],
  "throttle with summaries": [throttle, { limit: 1, every: oneDay, by: ["key"], summary: true }],
  dedupe: [dedupe, { fields: ["key"], window: oneDay }],
  aggregate: [
    aggregate,
    { by: ["key"], window: oneDay, timestamp: "time", lateness: 0, idle: oneDay, values: counted },
  ],
  reduce: [reduce, { by: ["key"], pause: oneDay, max_events: 1_000, max_size: 10_000, merge: { n: "sum" } }],
} as const;

/** Keys that an attacker makes up, after one of an honest client and in between. */
function* traffic(): Generator<Data> {
  for (let n = 0; n < madeUp; n++) yield { key: n % 100 === 0 ? "honest" : `made up ${n}`, n: 1, time: n % 1_000 };
}

it.each(Object.entries(transforms))(
  "%s remembers what fits, tells when it is nearly full and full, and forgets nothing",
  async (_, [plugin, config]) => {
    const dataDir = temporaryDir();
    const { kept, plugin: sink } = keeping();
    const events = [...traffic()];
    const plan = topology({
      in: [lines(events, { perReading: 200 })],
      it: [plugin, ["in"], { maxState: quota }, config as never],
      out: [sink, ["it"]],
    });
    const { runtime, log } = await startRun(plan, dataDir);
    expect(await runtime.ended).toEqual({ how: "finished" });
    const stats = runtime.stats().components["it"]!;
    expect(unbalancedComponents(runtime.stats())).toEqual({});
    const told = log.filter((line) => line.includes("the state is"));
    expect(told[0]).toMatch(/^it warn the state is 8\d % full \(\S+ KiB of 19\.5 KiB\): raise state\.max_size/);
    expect(told[1]).toMatch(/^it error the state is full \(19\.5 KiB\), and nothing new is remembered/);

    // Each made-up key is dead or was remembered. The honest client is remembered to the end: none of its events is dead, but for
    // those that `reduce` would have to keep.
    const dead = readDeadLetters(dataDir);
    expect(stats.component_dead_letter_events_total).toEqual({ state_full: dead.length });
    expect(new Set(dead.map(({ head }) => head.reason))).toEqual(new Set(["state_full"]));
    const deadKeys = dead.map(({ data }) => (data as Data)["key"] as string);
    const deadOfHonest = deadKeys.filter((key) => key === "honest").length;
    if (plugin === reduce) expect(deadOfHonest).toBeGreaterThan(0);
    else expect(deadOfHonest).toBe(0);
    const keys = new Set(kept.flatMap(({ data }) => (data["key"] === undefined ? [] : [data["key"] as string])));
    expect(keys.size + dead.length - deadOfHonest).toBe(new Set(events.map(({ key }) => key)).size);
    const honest = kept.filter(({ data }) => data["key"] === "honest");
    expect(honest).toHaveLength(1);
    const sum = events.filter(({ key }) => key === "honest").length - deadOfHonest;
    if (plugin === aggregate) expect(honest[0]!.data).toMatchObject({ n: sum, sum });
    if (plugin === reduce) expect(honest[0]!.data).toMatchObject({ n: sum, reduce: { events: sum } });
    expect(stats.component_state_bytes).toBeLessThanOrEqual(quota);
  },
);
