import { mergeMap } from "rxjs";
import { describe, expect, it } from "vitest";
import { defineSource, type Plugin, type Reading } from "weir";
import { turn, type VirtualClock, virtualClock } from "../../src/testing/index.ts";
import {
  eachOf,
  inTime,
  keeping,
  keepOf,
  lines,
  numbers,
  startRun,
  temporaryDir,
  topology,
  transformOf,
  unbalancedComponents,
  until,
} from "./harness.ts";

/** A source that reads what it is given, when it is given. */
const fed = () => {
  const waiting: { readonly n: number }[] = [];
  let wake = () => {};
  let isEnding = false;
  const plugin = defineSource({
    name: "fed",
    summary: "Reads what a test gives it.",
    options: {},
    decoding: { codec: "json" },
    async *read({ checkpoints, signal }): AsyncGenerator<Reading> {
      let position = checkpoints.get("s")?.position ?? 0;
      signal.addEventListener("abort", () => wake());
      while (!signal.aborted) {
        const next = waiting.shift();
        if (next) {
          const bytes = Buffer.from(`${JSON.stringify(next)}\n`);
          yield { stream: "s", position, bytes };
          position += bytes.length;
        } else if (isEnding) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  });
  const feed = (n: number) => {
    waiting.push({ n });
    wake();
  };
  const end = () => {
    isEnding = true;
    wake();
  };
  return { plugin, feed, end };
};

/** Counts the events of windows of ingestion. */
const windows = (length: number) =>
  keepOf(({ state }) => ({
    event: ({ meta }, { mark }) => {
      if (meta.ingested < mark) return "late";
      const start = Math.floor(meta.ingested / length) * length;
      state.set(String(start), String(Number(state.get(String(start)) ?? 0) + 1));
      state.wake(start + length);
      return "gathered";
    },
    tick: ({ now, final, emit }) => {
      for (const [start, count] of state.scan("")) {
        if (!final && Number(start) + length > now) return state.wake(Number(start) + length);
        state.delete(start);
        emit({ id: start, data: { count: Number(count) } });
      }
    },
  }));

/** Moves time on in small steps, with as many turns as the disk wants. */
const pass = async (clock: VirtualClock, ms: number, step = 100): Promise<void> => {
  for (let turns = 0; turns < 5; turns++) await turn();
  for (let passed = 0; passed < ms; passed += step) {
    await clock.advance(step);
    await turn();
  }
};

const start = Date.UTC(2026, 0, 1);

describe("a tick", () => {
  it("reports how long the sources were idle when it was made, whatever came since", async () => {
    const clock = virtualClock(start);
    const source = fed();
    const ticks: { readonly now: number; readonly idle: number }[] = [];
    const asking = keepOf(({ state }) => ({
      event: (event) => {
        if (event.data["n"] === 0) state.wake(start + 5_000);
        return event;
      },
      tick: ({ now, idle }) => void ticks.push({ now: now - start, idle }),
    }));
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    /** Holds a batch back, so that the tick comes to the transform long after it was made. */
    const holding = transformOf(() =>
      mergeMap(async (batch) => {
        if (batch.events[0]?.data["n"] === 1) await opened;
        return batch;
      }),
    );
    const plan = topology({
      in: [source.plugin],
      held: [holding, ["in"]],
      asking: [asking, ["held"]],
      out: [keeping().plugin, ["asking"]],
    });
    const { runtime } = await startRun(plan, temporaryDir(), { clock });
    source.feed(0);
    await pass(clock, 4_000);
    source.feed(1);
    await pass(clock, 2_000);
    source.feed(2);
    await pass(clock, 2_000);
    expect(ticks).toEqual([]);
    open();
    await until(() => ticks.length > 0);
    expect(ticks).toEqual([{ now: 5_000, idle: 1_000 }]);
    void runtime.stop(10_000);
    await pass(clock, 15_000);
    await runtime.ended;
  });

  it("does not come once the group is closed, however often a transform asks", async () => {
    const clock = virtualClock(start);
    let isDown = true;
    const { kept, plugin } = keeping(() => {
      if (isDown) throw new Error("down");
    });
    const always = keepOf(({ state }) => ({
      event: (event) => {
        state.wake(start);
        return event;
      },
      tick: ({ now }) => state.wake(now + 1_000),
    }));
    const plan = topology({ in: [lines(numbers(20))], always: [always, ["in"]], out: [plugin, ["always"]] });
    const { runtime } = await startRun(plan, temporaryDir(), { clock });
    await pass(clock, 20_000);
    isDown = false;
    expect(await inTime(clock, runtime.ended)).toEqual({ how: "finished" });
    expect(kept).toHaveLength(20);
  });

  it("is final for a transform only after the final ticks of all transforms before it", async () => {
    const clock = virtualClock(start);
    const { kept, plugin } = keeping();
    const plan = topology({
      in: [lines(numbers(20))],
      counts: [windows(60_000), ["in"]],
      more: [windows(60_000), ["in", "counts"]],
      last: [windows(60_000), ["more"]],
      out: [plugin, ["last"]],
    });
    const { runtime } = await startRun(plan, temporaryDir(), { clock });
    expect(await inTime(clock, runtime.ended)).toEqual({ how: "finished" });
    expect(kept.map(({ data }) => data)).toEqual([{ count: 1 }]);
    expect(runtime.stats().components["more"]!.component_consumed_events_total).toEqual({ gathered: 21 });
  });

  it("ends the epoch when it is final: what the next run adds to a window gets a new id", async () => {
    const dataDir = temporaryDir();
    const clock = virtualClock(start);
    const { kept, plugin } = keeping();
    for (const count of [5, 12]) {
      const plan = topology({
        in: [lines(numbers(count))],
        counts: [windows(60_000), ["in"]],
        out: [plugin, ["counts"]],
      });
      const { runtime } = await startRun(plan, dataDir, { clock });
      expect(await inTime(clock, runtime.ended)).toEqual({ how: "finished" });
    }
    expect(kept).toEqual([
      { id: `counts/0/${start}`, data: { count: 5 } },
      { id: `counts/1/${start}`, data: { count: 7 } },
    ]);
  });

  it("comes soon after the clock was set back, and ends the epoch", async () => {
    const clock = virtualClock(start);
    const source = fed();
    const { kept, plugin } = keeping();
    const plan = topology({ in: [source.plugin], counts: [windows(60_000), ["in"]], out: [plugin, ["counts"]] });
    const { runtime } = await startRun(plan, temporaryDir(), { clock });
    source.feed(0);
    await pass(clock, 1_000);
    clock.set(start - 86_400_000);
    // Without another event. A commit takes as long as the disk wants.
    await until(
      () => kept.length === 1,
      () => clock.advance(1_000),
    );
    expect(clock.now()).toBeLessThan(start - 3_600_000);
    expect(kept).toEqual([{ id: `counts/0/${start}`, data: { count: 1 } }]);
    source.feed(1);
    await until(
      () => kept.length === 2,
      () => clock.advance(1_000),
    );
    expect(kept[1]!.id).toMatch(/^counts\/1\//);
    source.feed(2);
    await pass(clock, 500);
    clock.set(start - 2 * 86_400_000);
    source.feed(3);
    await pass(clock, 500);
    source.end();
    expect(await inTime(clock, runtime.ended)).toEqual({ how: "finished" });
    expect(kept.map(({ data }) => data)).toEqual(new Array(4).fill({ count: 1 }));
    expect(new Set(kept.map(({ id }) => id)).size).toBe(4);
  });

  it("comes soon after a start at which the clock is behind", async () => {
    const dataDir = temporaryDir();
    const { kept, plugin } = keeping();
    for (const now of [start, start - 86_400_000]) {
      const clock = virtualClock(now);
      const source = fed();
      const plan = topology({ in: [source.plugin], counts: [windows(60_000), ["in"]], out: [plugin, ["counts"]] });
      const { runtime } = await startRun(plan, dataDir, { clock });
      if (now === start) source.feed(0);
      if (now === start) await pass(clock, 1_000);
      else
        await until(
          () => kept.length > 0,
          () => clock.advance(1_000),
        );
      void runtime.stop(10_000);
      await inTime(clock, runtime.ended);
      expect(clock.now()).toBeLessThan(now + 3_600_000);
    }
    expect(kept).toEqual([{ id: `counts/0/${start}`, data: { count: 1 } }]);
  });

  it("without a result makes way for a batch that is larger than its outbox", async () => {
    const clock = virtualClock(start);
    const source = fed();
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    /** Keeps the tick, which is a batch without events. */
    const holding = transformOf(() =>
      mergeMap(async (batch) => {
        if (batch.events.length === 0) await opened;
        return batch;
      }),
    );
    const asking = keepOf(({ state }) => ({
      event: (event) => {
        if (event.data["n"] === 0) state.wake(start + 1_000);
        return event;
      },
      tick: () => undefined,
    }));
    const { kept, plugin } = keeping();
    const plan = topology({
      in: [source.plugin],
      asking: [asking, ["in"]],
      held: [holding, ["asking"]],
      nowhere: [keeping().plugin, ["held"]],
      out: [plugin, ["in"], 10],
    });
    const { runtime } = await startRun(plan, temporaryDir(), { clock });
    const delivered = (count: number) =>
      until(
        () => kept.length === count,
        () => clock.advance(100),
      );
    source.feed(0);
    await delivered(1);
    await pass(clock, 2_000);
    source.feed(1);
    await pass(clock, 2_000);
    expect(kept).toHaveLength(1);
    open();
    await delivered(2);
    source.end();
    await inTime(clock, runtime.ended);
  });

  it("leaves turns of the event loop to others, even if a transform always asks for the next one", async () => {
    const greedy = keepOf(({ state }) => ({
      event: (event) => {
        state.wake(0);
        return event;
      },
      tick: () => state.wake(0),
    }));
    const { kept, plugin } = keeping();
    const plan = topology({ in: [lines(numbers(70))], greedy: [greedy, ["in"]], out: [plugin, ["greedy"]] });
    const { runtime } = await startRun(plan, temporaryDir());
    expect(await runtime.ended).toEqual({ how: "finished" });
    expect(kept).toHaveLength(70);
  });
});

describe("the cost of time", () => {
  const asks = (tick: (wake: (at: number) => void, now: number) => void) =>
    keepOf(({ state }) => ({
      event: (event) => {
        tick(state.wake, event.meta.ingested);
        return event;
      },
      tick: ({ now }) => tick(state.wake, now),
    }));
  /** Runs 10 seconds after an event, and says how many commits they brought, and how many slept at their end. */
  const tenSeconds = async (transform: Plugin) => {
    const clock = virtualClock(start);
    const source = fed();
    const { kept, plugin } = keeping();
    const plan = topology({ in: [source.plugin], keep: [transform, ["in"]], out: [plugin, ["keep"]] });
    const { runtime } = await startRun(plan, temporaryDir(), { clock });
    source.feed(0);
    await until(
      () => kept.length === 1,
      () => clock.advance(10),
    );
    await pass(clock, 1_000);
    const before = runtime.stats().commits_total;
    await pass(clock, 10_000);
    const result = { commits: runtime.stats().commits_total - before, sleepers: clock.sleepers };
    source.end();
    await inTime(clock, runtime.ended);
    return result;
  };

  it("when nobody asks for a tick: no timer, no commit", async () => {
    let ticks = 0;
    const silent = await tenSeconds(asks(() => void ticks++));
    expect(ticks).toBe(1);
    expect(silent).toEqual({ commits: 0, sleepers: (await tenSeconds(eachOf((event) => event))).sleepers });
  });

  it("with an empty tick every 100 ms: no commit", async () => {
    let ticks = 0;
    const busy = asks((wake, now) => {
      ticks++;
      wake(now + 100);
    });
    expect((await tenSeconds(busy)).commits).toBe(0);
    expect(ticks).toBeGreaterThan(100);
  });
});

describe("the output of many windows that close at once", () => {
  it("comes in ticks of 512 KiB, and others get their turns", async () => {
    const count = process.env["WEIR_LONG"] ? 200_000 : 20_000;
    const pages: number[] = [];
    let emitted = 0;
    const flood = keepOf(({ state }) => ({
      event: (event) => {
        if (state.get("key 000000") === undefined)
          for (let n = 0; n < count; n++) state.set(`key ${String(n).padStart(6, "0")}`, "1");
        state.wake(event.meta.ingested);
        return "gathered";
      },
      tick: ({ emit }) => {
        let bytes = 0;
        try {
          for (let rows = state.scan("key "); rows.length > 0; rows = state.scan("key ", { after: rows.at(-1)![0] }))
            for (const [key, value] of rows) {
              state.delete(key);
              const data = { key, value };
              emitted++;
              bytes += JSON.stringify(data).length;
              if (!emit({ id: key, data })) return;
            }
        } finally {
          pages.push(bytes);
        }
      },
    }));
    const { kept, plugin } = keeping();
    const plan = topology({ in: [lines(numbers(1))], flood: [flood, ["in"]], out: [plugin, ["flood"]] });
    const { runtime } = await startRun(plan, temporaryDir());
    let turns = 0;
    const ended = runtime.ended.then(() => true);
    while (!(await Promise.race([ended, turn().then(() => false)]))) turns++;
    expect({ emitted, delivered: kept.length }).toEqual({ emitted: count, delivered: count });
    expect(Math.max(...pages)).toBeLessThan(512 * 1024 + 100);
    expect(turns).toBeGreaterThan(pages.length);
    expect(unbalancedComponents(runtime.stats())).toEqual({});
  });
});

describe("room for a tick", () => {
  it("goes to it before the sources, and only one tick waits", async () => {
    const clock = virtualClock(start);
    let isDown = true;
    const order: string[] = [];
    const { kept, plugin } = keeping(() => {
      if (isDown) throw new Error("down");
    });
    const asking = keepOf(({ state }) => ({
      event: (event) => {
        order.push("event");
        if (event.data["n"] === 0) state.wake(start + 1_000);
        return event;
      },
      tick: ({ now, emit }) => {
        order.push("tick");
        state.wake(now + 1_000);
        emit({ id: String(now), data: { now } });
      },
    }));
    const plan = topology({
      in: [lines(numbers(400), { perReading: 1, follow: true })],
      asking: [asking, ["in"]],
      out: [plugin, ["asking"], 500],
    });
    const { runtime } = await startRun(plan, temporaryDir(), { clock, budget: 1_000 });
    await pass(clock, 30_000);
    // The outbox is full, so there is no room: what falls due in half a minute is one tick.
    expect(order).not.toContain("tick");
    const before = order.length;
    expect(before).toBeLessThan(100);
    isDown = false;
    await until(
      () => order.length > before + 3,
      () => clock.advance(100),
    );
    expect(order.slice(before, before + 2)).toEqual(["tick", "event"]);
    await until(
      () => kept.length > 400,
      () => clock.advance(100),
    );
    void runtime.stop(1_000);
    await inTime(clock, runtime.ended);
  });
});
