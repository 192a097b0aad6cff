import { from, map, mergeMap } from "rxjs";
import { describe, expect, it } from "vitest";
import {
  keeping,
  lines,
  numbers,
  startRun,
  temporaryDir,
  topology,
  transformOf,
  unbalancedComponents,
} from "./harness.ts";

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe("a full outbox", () => {
  it("lets a batch that comes in two parts by, however small it is", async () => {
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

  it("lets the oldest batch by when later ones have taken the room first", async () => {
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
