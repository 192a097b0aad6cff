import { expect, it } from "vitest";
import count from "../examples/plugins/count.ts";
import route from "../examples/plugins/switch.ts";
import { virtualClock } from "../src/testing/index.ts";
import {
  inTime,
  keeping,
  lines,
  startRun,
  temporaryDir,
  topology,
  unbalancedComponents,
  until,
} from "./runtime/harness.ts";

const minute = 60_000;
const users = (...names: readonly string[]) => names.map((name) => ({ user: name }));
it("count emits each window once it is over, and the open ones when all sources have ended", async () => {
  const clock = virtualClock(Date.UTC(2026, 0, 1));
  const dataDir = temporaryDir();
  const plan = (records: readonly { user: string }[], follow: boolean) => {
    const { kept, plugin } = keeping();
    const plan = topology({
      in: [lines(records, { follow })],
      count: [count, ["in"], {}, { by: "user", every: minute }],
      out: [plugin, ["count"]],
    });
    return { kept, plan };
  };
  const first = plan(users("ann", "bob", "ann"), true);
  const run = await startRun(first.plan, dataDir, { clock });
  await until(() => run.runtime.stats().components["count"]!.component_received_events_total === 3);
  expect(first.kept).toEqual([]);
  await until(
    () => first.kept.length === 2,
    () => clock.advance(1000),
  );
  const end = "2026-01-01T00:01:00.000Z";
  expect(first.kept.map(({ data }) => data)).toEqual([
    { window_end: end, value: "ann", count: 2 },
    { window_end: end, value: "bob", count: 1 },
  ]);
  expect(first.kept[0]?.id).toBe(`count/0/${Date.parse(end)} ann`);
  await inTime(clock, run.runtime.stop(1000));
  expect(unbalancedComponents(run.runtime.stats())).toEqual({});

  const second = plan(users("ann", "bob", "ann", "cid", "ann"), false);
  const again = await startRun(second.plan, dataDir, { clock });
  expect(await inTime(clock, again.runtime.ended)).toEqual({ how: "finished" });
  expect(second.kept.map(({ data }) => [data["value"], data["count"]])).toEqual([
    ["ann", 1],
    ["cid", 1],
  ]);
  expect(again.runtime.stats().components["count"]).toMatchObject({
    component_consumed_events_total: { counted: 2 },
    component_created_events_total: 2,
    unbalanced_events: 0,
  });
});

it("route sends each event one way, and counts what went where", async () => {
  const { kept: rest, plugin: main } = keeping();
  const { kept: errors, plugin: other } = keeping();
  const levels = ["info", "error", "debug", "error"].map((level) => ({ level }));
  const routes = { errors: "level:error", noise: "level:debug" };
  const plan = topology({
    in: [lines(levels)],
    route: [route, ["in"], { dropOutputs: ["noise"] }, { routes }],
    out: [main, ["route"]],
    alarm: [other, ["route.errors"]],
  });
  const { runtime } = await startRun(plan, temporaryDir());
  expect(await runtime.ended).toEqual({ how: "finished" });
  expect(rest.map(({ data }) => data)).toEqual([{ level: "info" }]);
  expect(errors.map(({ data }) => data)).toEqual([{ level: "error" }, { level: "error" }]);
  expect(runtime.stats().components["route"]).toMatchObject({
    component_received_events_total: 4,
    component_sent_events_total: 3,
    component_sent_events_by_output: { errors: 2 },
    component_dropped_events_total: { output_noise: 1 },
    unbalanced_events: 0,
  });
});
