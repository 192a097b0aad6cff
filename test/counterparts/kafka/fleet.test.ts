import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freePort } from "../../end-to-end/free-port.ts";
import { readLinesSoFar, root, startWeir, temporaryFolder } from "../../end-to-end/weir.ts";
import { until } from "../histories/until.ts";
import { Broker, hasKafka } from "./broker.ts";
import { committedTo, readTopic } from "./read-topic.ts";

/** Whom alerts name, by their ids: one that two detectors raise is the same one. */
const termsIn = (...paths: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    paths
      .flatMap((path) => readLinesSoFar(path))
      .map((alert) => [String(alert["kibana.alert.uuid"]), JSON.stringify(alert["kibana.alert.new_terms"])]),
  );

describe.skipIf(!hasKafka)("the ready pipelines of a fleet", () => {
  it("raise what one weir does that reads the log itself, whatever comes to which collector", async () => {
    const broker = await Broker.start();
    await broker.createTopic("weir-candidates", 4);
    const folder = temporaryFolder();
    const sample = readFileSync(join(root, "examples/audit-sample.log"), "utf8");
    const items = sample.split("\n").flatMap((line) => (line.startsWith("{") && line.endsWith("}") ? [line] : []));
    const begin = (pipeline: string, name: string, environment: Readonly<Record<string, string>>) =>
      startWeir(["run", `pipelines/${pipeline}.yaml`, "--data-dir", join(folder, name)], {
        environment: { BROKER: broker.address, ...environment },
      });
    const ports = [await freePort(), await freePort()];
    const collectors = ports.map((port, index) =>
      begin("kubernetes-secret-access-fleet-collector", `collector${index}`, { LISTEN: `127.0.0.1:${port}` }),
    );
    const alerts = [0, 1].map((index) => join(folder, `alerts${index}.ndjson`));
    const detectors = alerts.map((ALERTS, index) =>
      begin("kubernetes-secret-access-fleet-detector", `detector${index}`, { ALERTS }),
    );
    await Promise.all(collectors.map((weir) => weir.said("listening on")));
    // Each half of the log comes to one of them, and then all of it to both.
    const middle = Math.floor(items.length / 2);
    const posts = [items.slice(0, middle), items.slice(middle), items, items];
    for (const [index, some] of posts.entries()) {
      const { status } = await fetch(`http://127.0.0.1:${ports[index % 2]}/audit`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[${some.join(",")}]}`,
      });
      expect(status).toBe(200);
    }
    const own = join(folder, "own.ndjson");
    const log = join(folder, "audit.log");
    writeFileSync(log, items.map((line) => `${line}\n`).join(""));
    const one = begin("kubernetes-secret-access", "own", { AUDIT_LOG: log, ALERTS: own });
    await until(() => termsIn(own).size === 8);
    await one.stop("SIGTERM");
    for (const weir of collectors) expect((await weir.stop("SIGTERM")).code).toBe(0);
    const candidates = (await readTopic(broker, "weir-candidates")).length;
    expect(candidates).toBeGreaterThan(8);
    await until(async () => (await committedTo(broker, "weir-detectors")) === candidates);
    for (const weir of detectors) expect((await weir.stop("SIGTERM")).code).toBe(0);
    expect([...termsIn(...alerts).values()].sort()).toEqual([...termsIn(own).values()].sort());
  });
});
