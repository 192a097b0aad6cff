import { expect, it } from "vitest";
import { keeping, lines, numbers, startRun, temporaryDir, topology, unbalancedComponents } from "./harness.ts";

const count = 500;
const expected = numbers(count).map(({ n }) => n);

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
};

it("L4: a dead sink blocks no other, and gets everything when it is back", async () => {
  const dataDir = temporaryDir();
  let isDead = true;
  const weak = keeping(() => {
    if (isDead) throw new Error("nobody answers");
  });
  const sound = keeping();
  const source = lines(numbers(count), { follow: true });
  const plan = topology({ in: [source], weak: [weak.plugin, ["in"]], sound: [sound.plugin, ["in"]] });

  const first = await startRun(plan, dataDir);
  await until(() => sound.kept.length === count);
  await first.runtime.stop(20);
  expect(await first.runtime.ended).toEqual({ how: "stopped" });
  const { components } = first.runtime.stats();
  expect(components["weak"]).toMatchObject({ component_sent_events_total: 0, component_in_flight_events: count });
  expect(unbalancedComponents(first.runtime.stats())).toEqual({});

  isDead = false;
  const second = await startRun(plan, dataDir);
  await until(() => weak.kept.length === count);
  await second.runtime.stop(1000);
  for (const { kept } of [weak, sound]) expect(kept.map(({ data }) => data["n"])).toEqual(expected);
  expect(unbalancedComponents(second.runtime.stats())).toEqual({});
});
