import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { type Clock, type Delivery, defineSource, type Reading } from "weir";
import { systemClock } from "../../src/clock.ts";
import { openStopped } from "../../src/control/stopped.ts";
import { writerOver } from "../../src/runtime/data-dir.ts";
import type { Ending } from "../../src/runtime/ending.ts";
import { Database } from "../../src/storage/database.ts";
import { Reader } from "../../src/storage/reader.ts";
import { turn, virtualClock } from "../../src/testing/index.ts";
import { diskModel } from "../runtime/disk-model.ts";
import { keeping, startRun, temporaryDir, unbalancedComponents } from "../runtime/harness.ts";
import { systemError, watchedStorage } from "../runtime/watched-storage.ts";
import { topologyFor } from "./placing.ts";
import type { GraphPlan, SinkPlan, SourcePlan } from "./plan.ts";
import { type Commit, recordSpace, watchCommits } from "./record.ts";
import { tapAll } from "./tapped.ts";

/** What happens while a run lives: time passes, the clock is set, dead letters are replayed. */
type Act = { readonly do: "pass" | "set"; readonly ms: number } | { readonly do: "replay" };

export interface Life {
  readonly acts: readonly Act[];
  /** Whether the fixable steps are broken. */
  readonly broken: boolean;
  readonly budget: number;
  /** The disk is full for a number of writes, starting at one of them. */
  readonly full: { readonly from: number; readonly writes: number };
  readonly end:
    | { readonly how: "cut"; readonly call: number; readonly luck: number }
    | { readonly how: "stop"; readonly deadline: number };
}

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.constantFrom(1, 20, 150, 700, 2500) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.constant(60_000) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("set" as const), ms: fc.constantFrom(-600_000, -600_000, 600_000) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "replay" as const }) },
);

export const lives: fc.Arbitrary<readonly Life[]> = fc.array(
  fc.record({
    acts: fc.array(act, { minLength: 3, maxLength: 30, size: "max" }),
    broken: fc.boolean(),
    budget: fc.constantFrom(300, 3000, 8 * 1024 * 1024),
    full: fc.record({ from: fc.nat({ max: 8 }), writes: fc.constantFrom(0, 0, 1, 4) }),
    end: fc.oneof(
      fc.record({
        how: fc.constant("cut" as const),
        call: fc.nat({ max: 60 }),
        luck: fc.constantFrom(0, 0.3, 0.7, 1),
      }),
      fc.record({ how: fc.constant("stop" as const), deadline: fc.constantFrom(0, 20, 60_000) }),
    ),
  }),
  { maxLength: 4 },
);

/** All that the lives of one graph left behind. */
export interface World {
  readonly plan: GraphPlan;
  /** By number; those after the last number on disk never became true. */
  commits: Commit[];
  readonly delivered: ReadonlyMap<string, Delivery[]>;
  dataDir: string;
  /** Whether a life was cut off, so that deliveries may repeat. */
  isTorn: boolean;
  readonly problems: string[];
}

export const newWorld = (plan: GraphPlan): World => ({
  plan,
  commits: [],
  delivered: new Map(plan.sinks.map(({ id }) => [id, []])),
  dataDir: temporaryDir(),
  isTorn: false,
  problems: [],
});

const sourceOf = ({ keys, perReading, gap }: SourcePlan) => {
  const text = keys.map((key, v) => `${JSON.stringify({ key: `k${key}`, v })}\n`);
  const offsets = [0];
  for (const line of text) offsets.push(offsets.at(-1)! + line.length);
  return defineSource({
    name: "planned",
    summary: "Reads planned records.",
    options: {},
    decoding: { codec: "json" },
    async *read({ checkpoints, signal, clock }): AsyncGenerator<Reading> {
      let index = offsets.indexOf(checkpoints.get("s")?.position ?? 0);
      while (index < text.length && !signal.aborted) {
        const next = Math.min(text.length, index + perReading);
        yield { stream: "s", position: offsets[index]!, bytes: Buffer.from(text.slice(index, next).join("")) };
        index = next;
        await (gap > 0 ? clock.sleep(gap, signal) : turn());
      }
    },
  });
};

const sinkOf = ({ failures, refuses }: SinkPlan, into: Delivery[], isBroken: boolean, isAlive: () => boolean) => {
  let left = failures;
  return keeping(async (events) => {
    await turn();
    if (left-- > 0) throw new Error("not now");
    const failed =
      isBroken && refuses > 0
        ? [...events.keys()]
            .filter((index) => Number(events[index]!.data["v"]) % refuses === 0)
            .map((index) => ({ index, message: "never", final: true }))
        : [];
    const refused = new Set(failed.map(({ index }) => index));
    if (isAlive()) into.push(...events.filter((_, index) => !refused.has(index)));
    return { failed };
  }).plugin;
};

/** The number of the last commit that the data dir holds; -1 for none. */
export const lastCommit = (dataDir: string): number => {
  const path = join(dataDir, "weir.db");
  if (!existsSync(path)) return -1;
  new Database(path).close();
  const reader = new Reader(path);
  const number = Number(reader.state(recordSpace, "number")?.value ?? -1);
  reader.close();
  return number;
};

/** The longest time that one life may take, in milliseconds of real time. After that, something hangs. */
const patience = 20_000;

/** Runs one life on the world's data dir. The last one runs until its sources have ended. */
export const live = async (world: World, time: { now: number }, life: Omit<Life, "end" | "full"> & Partial<Life>) => {
  const { plan, problems } = world;
  const { acts, broken, budget, full, end } = life;
  const model = diskModel(world.dataDir);
  const isFull = (write: number) => full !== undefined && write >= full.from && write < full.from + full.writes;
  const left = join(temporaryDir(), "left");
  const power = { isOn: true, calls: 0, writes: 0 };
  const { files, wrap } = watchedStorage(world.dataDir, (call) => {
    if (power.isOn && end?.how === "cut" && ++power.calls > end.call) {
      power.isOn = false;
      model.cutPower(left, end.luck);
    }
    if (call.name === "write" && isFull(power.writes++)) return systemError("ENOSPC");
    model.note(call);
    return undefined;
  });
  const inner = virtualClock(time.now);
  let offset = 0;
  const clock: Clock = { ...inner, now: () => inner.now() + offset };
  const record = watchCommits(world.commits.length, broken, (commit) => {
    world.commits[commit.number] = commit;
  });
  const started = performance.now();
  const mustMove = (what: string) => {
    if (performance.now() - started > patience) throw new Error(`it hangs: ${what}`);
  };
  try {
    const { runtime } = await startRun(
      topologyFor(plan, broken, {
        source: sourceOf,
        sink: (sink) => sinkOf(sink, world.delivered.get(sink.id)!, broken, () => power.isOn),
      }),
      world.dataDir,
      {
        makeWriter: record.watched((given) => writerOver(files, wrap)({ ...given, segmentBytes: 2000 })),
        clock,
        budget,
        random: () => 0.01,
      },
    );
    const taps = tapAll(runtime);
    let ending: Ending | undefined;
    void runtime.ended.then((how) => {
      ending = how;
    });
    const look = () => {
      const unbalanced = unbalancedComponents(runtime.stats());
      if (Object.keys(unbalanced).length > 0) problems.push(`not balanced: ${JSON.stringify(unbalanced)}`);
    };
    const replays: Promise<unknown>[] = [];
    for (const act of acts) {
      if (ending || !power.isOn) break;
      if (act.do === "pass") await inner.advance(act.ms);
      else if (act.do === "set") offset += act.ms;
      else replays.push(runtime.desk.replay({}).catch(() => undefined));
      for (let turns = 0; turns < 3; turns++) await turn();
      look();
    }
    if (!ending && end) {
      if (end.how === "cut" || end.deadline < 60_000) world.isTorn = true;
      void runtime.stop(end.how === "cut" ? 0 : end.deadline);
    }
    while (!ending) {
      mustMove(end ? "the stop does not end" : "the run does not end");
      await inner.advance(end ? 40 : 300);
      look();
      await systemClock.sleep(0);
    }
    time.now = clock.now();
    await Promise.all([...replays, record.closed]);
    await turn();
    if (ending.how === "failed") problems.push(`failed: ${ending.component}: ${String(ending.error)}`);
    problems.push(...model.violations, ...(await taps.differs()));
    if (ending.how === "finished") {
      for (const { usedBytes } of record.groups)
        if (usedBytes !== 0) problems.push(`${usedBytes} bytes are still used`);
      for (const [id, { component_in_flight_events: count }] of Object.entries(runtime.stats().components))
        if (count !== 0) problems.push(`${count} events are still in flight in ${id}`);
    }
    if (!power.isOn) {
      world.isTorn = true;
      rmSync(world.dataDir, { recursive: true, force: true });
      world.dataDir = left;
    }
    world.commits.length = lastCommit(world.dataDir) + 1;
    return ending.how;
  } finally {
    record.close();
  }
};

/** The remaining dead letters, as `COMPONENT ID REASON`. */
export const lettersOf = async (dataDir: string): Promise<string[]> => {
  const stopped = openStopped(dataDir);
  const letters: string[] = [];
  for await (const { head } of stopped.letters({})) letters.push(`${head.component} ${head.id} ${head.reason}`);
  stopped.close();
  return letters;
};
