import { expect, it } from "vitest";
import newTerms from "../../plugins/transforms/new_terms.ts";
import { keeping, lines, startRun, temporaryDir, topology } from "./harness.ts";

/** Users as an attacker makes them up, between those of an honest one. */
const traffic = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ user: n % 10 === 0 ? "ann" : `made up ${n}` }));

const config = { fields: ["user"], window: 86_400_000, timestamp: "event.ingested", state: { type: "disk" } };

it("reports a state at 80 % and when it is full, forgets nothing, and misses nothing", async () => {
  const dataDir = temporaryDir();
  const { kept, plugin } = keeping();
  const records = [...traffic(400), ...traffic(400)];
  const plan = topology({
    in: [lines(records)],
    fresh: [newTerms, ["in"], { maxState: 10_000 }, config],
    out: [plugin, ["fresh"]],
  });
  const { runtime, log } = await startRun(plan, dataDir);
  expect(await runtime.ended).toEqual({ how: "finished" });

  const { component_state_bytes: bytes, ...stats } = runtime.stats().components["fresh"]!;
  expect(stats.component_state_max_bytes).toBe(10_000);
  expect(bytes).toBeGreaterThan(9_900);
  expect(bytes).toBeLessThanOrEqual(10_000);
  expect(stats.component_dead_letter_events_total).toEqual({});
  const ofState = log.filter((line) => line.includes("the state is"));
  expect(ofState).toEqual([
    expect.stringMatching(/^fresh warn the state is 8\d % full \(\S+ KiB of 9\.8 KiB\): raise state\.max_size/),
    expect.stringMatching(/^fresh error the state is full \(9\.8 KiB\), and nothing new is remembered: /),
  ]);

  type Found = { user: string; weir: { new_terms: { state_full?: true } } };
  const found = kept.map(({ data }) => data as unknown as Found);
  expect(found.filter(({ user }) => user === "ann")).toHaveLength(1);
  const [remembered, forgotten] = [new Map<string, number>(), new Map<string, number>()];
  for (const { user, weir } of found) {
    const counts = weir.new_terms.state_full ? forgotten : remembered;
    counts.set(user, (counts.get(user) ?? 0) + 1);
  }
  // Every user was reported: once if there was room, and each time, saying so, if there was not.
  expect(new Set(found.map(({ user }) => user))).toEqual(new Set(records.map(({ user }) => user)));
  expect(new Set(remembered.values())).toEqual(new Set([1]));
  expect(new Set(forgotten.values())).toEqual(new Set([2]));
  expect(stats.component_notes_total).toEqual({ state_full: 2 * forgotten.size });

  // With more room, everything is remembered from now on.
  const more = keeping();
  const larger = topology({
    in: [lines([...records, ...traffic(400), ...traffic(400)])],
    fresh: [newTerms, ["in"], { maxState: 100_000 }, config],
    out: [more.plugin, ["fresh"]],
  });
  const second = await startRun(larger, dataDir);
  await second.runtime.ended;
  expect(more.kept.map(({ data }) => data["user"]).sort()).toEqual([...forgotten.keys()].sort());
});
