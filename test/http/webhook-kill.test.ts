import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { expectConservation } from "../end-to-end/conservation.ts";
import { freePort } from "../end-to-end/free-port.ts";
import { pipelineFile, readStats, startWeir, temporaryFolder } from "../end-to-end/weir.ts";
import { readAlerts } from "../kill/alerts.ts";
import { lineOf } from "../kill/audit-lines.ts";
import { Observed } from "../kill/observed.ts";
import { oracleAlerts } from "../kill/oracle.ts";
import { Random } from "../kill/random.ts";
import { oracleRules } from "../kill/setup.ts";
import { ApiServer } from "./apiserver-client.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const auditIdOf = (event: string): string | undefined => JSON.parse(event).auditID;

it("L1, L2: two API servers send to one weir that is killed and started again", async () => {
  const random = new Random(seed, 7);
  const folder = temporaryFolder();
  const address = `127.0.0.1:${await freePort()}`;
  const path = (name: string) => join(folder, name);
  const pipeline = pipelineFile(folder, {
    sources: { audit: { type: "kubernetes_audit_webhook", listen: address } },
    transforms: {
      ecs: { type: "kubernetes_audit", inputs: ["audit"] },
      detect: { type: "detection", inputs: ["ecs"], rules: ["kubernetes_secret_access_unusual_user_agent"] },
    },
    sinks: {
      observed: { type: "file", inputs: ["ecs"], path: path("observed.ndjson") },
      alerts: { type: "file", inputs: ["detect"], path: path("alerts.ndjson") },
    },
  });
  const start = () => startWeir(["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json")]);
  let weir = start();
  await weir.said("running");

  const clients = ["north", "south"].map((source) => {
    const client = new ApiServer({
      url: `http://${address}/k8s`,
      speed: 10,
      random: () => random.between(0, 999) / 1000,
    });
    return { client, plan: { seed, source, realm: 1 } };
  });
  let isOver = false;
  const sending = clients.map(async ({ client, plan }) => {
    const flushes: Promise<void>[] = [];
    for (let number = 0; !isOver; ) {
      for (const end = number + random.between(1, 60); number < end; number++) {
        const event = lineOf(plan, number);
        if (isJson(event)) client.add(event);
      }
      flushes.push(client.flush());
      await sleep(random.between(5, 40));
    }
    await Promise.all(flushes);
  });
  for (let kill = 0; kill < (isLong ? 15 : 2); kill++) {
    await sleep(random.between(100, isLong ? 2_000 : 500));
    expect((await weir.stop("SIGKILL")).signal).toBe("SIGKILL");
    weir = start();
    await weir.said("running");
  }
  await sleep(200);
  isOver = true;
  await Promise.all(sending);
  for (const { client } of clients) client.close();
  const { code } = await weir.stop("SIGTERM");
  expect(code).toBe(0);
  expectConservation(readStats(path("stats.json")));

  const observed = new Observed(path("observed.ndjson"));
  observed.look();
  const seen = new Set(observed.events.map(({ auditID }) => auditID));
  const taken = clients.flatMap(({ client }) => client.taken.flatMap((event) => auditIdOf(event) ?? []));
  expect({ seed, lost: taken.filter((auditID) => !seen.has(auditID)).slice(0, 5) }).toEqual({ seed, lost: [] });
  const alerts = readAlerts(path("alerts.ndjson"));
  expect([...alerts.byText.keys()].sort()).toEqual([...oracleAlerts(observed.events, oracleRules.headline)].sort());
  expect({ changed: alerts.changed, ids: alerts.ids }).toEqual({ changed: [], ids: alerts.byText.size });
  const tried = clients.reduce((total, { client }) => total + client.attempts, 0);
  const dropped = clients.reduce((total, { client }) => total + client.dropped, 0);
  console.log(
    `seed ${seed}: ${taken.length} events taken in ${tried} attempts, ${dropped} dropped by the clients, ${observed.repeats} twice, ${alerts.ids} alerts`,
  );
  expect(taken.length).toBeGreaterThan(0);
}, 300_000);
