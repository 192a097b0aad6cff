import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readLines, readLinesSoFar, root, startWeir, temporaryFolder, type Weir } from "../end-to-end/weir.ts";
import { connected, otherSide, until } from "./support.ts";

const addressOf = async (weir: Weir, component: string): Promise<string> => {
  const find = () => weir.log.find((line) => line.component === component && line.msg.startsWith("listening on"));
  await until(() => find() !== undefined || !weir.isAlive);
  return find()!.msg.replace("listening on ", "");
};

const stop = async (weir: Weir): Promise<void> => {
  const { code, log } = await weir.stop("SIGTERM");
  expect({ code, errors: log.filter(({ level }) => level === "error") }).toEqual({ code: 0, errors: [] });
};

it("examples/websocket-feed-to-file.yaml: a feed into a file, through a hang-up and a restart", async () => {
  const asked: string[] = [];
  const { address } = await otherSide((socket) =>
    socket.on("message", (hello) => {
      asked.push(String(hello));
      const after = Number(JSON.parse(String(hello)).after ?? 0);
      socket.send(JSON.stringify([{ sequence: after + 1 }, { sequence: after + 2 }]));
      if (asked.length === 1) socket.close(1001);
    }),
  );
  const folder = temporaryFolder();
  const events = join(folder, "feed.ndjson");
  const args = ["run", "examples/websocket-feed-to-file.yaml", "--data-dir", join(folder, "data")];
  for (const lines of [4, 6]) {
    const weir = startWeir(args, { environment: { FEED: address, EVENTS: events } });
    await until(() => readLinesSoFar(events).length === lines || !weir.isAlive);
    await stop(weir);
  }
  expect(readLines(events).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(asked.map((hello) => JSON.parse(hello).after)).toEqual([undefined, 2, 4]);
});

it("examples/websocket-alerts.yaml: alerts to a file and to those who listen, each by its query", async () => {
  const folder = temporaryFolder();
  const alerts = join(folder, "alerts.ndjson");
  const weir = startWeir(["run", "examples/websocket-alerts.yaml", "--data-dir", join(folder, "data")], {
    environment: { ALERTS: alerts, AUDIT_ADDRESS: "127.0.0.1:0", ALERTS_ADDRESS: "127.0.0.1:0" },
  });
  const shown = await addressOf(weir, "subscribers");
  const all = await connected(shown);
  const none = await connected(`${shown}?where=${encodeURIComponent("not kibana.alert.rule.name:*")}`);
  const [seen, unseen]: [string[], string[]] = [[], []];
  all.on("message", (message) => seen.push(String(message)));
  none.on("message", (message) => unseen.push(String(message)));

  const audit = await connected(await addressOf(weir, "audit"));
  // One line of the sample is cut, on purpose.
  const lines = readFileSync(join(root, "examples/audit-sample.log"), "utf8")
    .split("\n")
    .filter((line) => line.endsWith("}"));
  audit.send(`{"id": 1, "events": [${lines.join(",")}]}`);
  expect(String((await once(audit, "message"))[0])).toBe('{"ack":1}');
  await until(() => readLinesSoFar(alerts).length === 8 && seen.length === 8);
  expect(seen.map((text) => JSON.parse(text))).toEqual(readLines(alerts));
  expect(unseen).toEqual([]);
  await stop(weir);
});
