import { from, map, mergeMap } from "rxjs";
import { describe, expect, it } from "vitest";
import { RejectError } from "weir";
import { mapEvents } from "weir/rxjs";
import {
  keeping,
  lines,
  numbers,
  startRun,
  temporaryDir,
  topology,
  transformOf,
  unbalancedComponents,
  until,
} from "./harness.ts";

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe("a full outbox", () => {
  it("admits a batch in two parts, however small the outbox is", async () => {
    const { kept, plugin } = keeping();
    const pass = transformOf(() => map((batch) => batch));
    const plan = topology({
      in: [lines(numbers(100))],
      one: [pass, ["in"]],
      two: [pass, ["in"]],
      out: [plugin, ["one", "two"], 1],
    });
    const { runtime } = await startRun(plan, temporaryDir());
    expect(await runtime.ended).toEqual({ how: "finished" });
    expect(kept).toHaveLength(200);
    expect(unbalancedComponents(runtime.stats())).toEqual({});
  });

  it("admits the oldest batch when later ones have taken the room", async () => {
    const { kept, plugin } = keeping();
    const jumbled = transformOf(() =>
      mergeMap((batch) =>
        from(turns(batch.events.length > 0 && (batch.events[0]!.data["n"] as number) % 21 === 0 ? 9 : 0)).pipe(
          map(() => batch),
        ),
      ),
    );
    const plan = topology({ in: [lines(numbers(300))], t: [jumbled, ["in"]], out: [plugin, ["t"], 1500] });
    const { runtime } = await startRun(plan, temporaryDir());
    expect(await runtime.ended).toEqual({ how: "finished" });
    expect(kept.map(({ data }) => data["n"])).toEqual(numbers(300).map(({ n }) => n));
  });
});

describe("a full dead letter", () => {
  const batch = { maxEvents: 50, maxSize: 1 << 20, timeout: 0 };

  it.each(["the sink", "a transform"])(
    "takes batches larger than all of it from %s, one after each purge",
    async (who) => {
      const { kept, plugin } = keeping((events) => ({
        failed: events.map((_, index) => ({ index, message: "never", final: who === "the sink" })),
      }));
      const reject = transformOf(() =>
        mapEvents((event) => {
          if (who === "a transform") throw new RejectError("unwanted", "never");
          return event;
        }),
      );
      const source = lines(numbers(200), { perReading: 50, follow: true });
      const plan = topology({ in: [source], t: [reject, ["in"]], out: [plugin, ["t"], { batch, concurrency: 1 }] });
      const { runtime, log } = await startRun(plan, temporaryDir(), { deadLetterSize: 1000 });
      let purged = 0;
      while (purged < 200) {
        await until(() => runtime.unready.has("dead_letter") || purged === 150);
        purged += (await runtime.desk.purge({})).purged;
        await turns(1);
      }
      await runtime.stop(1000);
      expect(kept).toEqual([]);
      expect(runtime.unready.size).toBe(0);
      expect(log.join("\n")).toContain("the dead letter is full (1000 bytes)");
      expect(unbalancedComponents(runtime.stats())).toEqual({});
    },
  );
});
