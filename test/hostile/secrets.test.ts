import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { pipelineFile, runWeir, startWeir, temporaryFolder } from "../end-to-end/weir.ts";
import { post } from "../http/client.ts";

it("no token, password or content of a file is in the log, the metrics, the status or a message", async () => {
  const folder = temporaryFolder();
  const secret = "blossom-4711";
  writeFileSync(join(folder, "token"), secret);
  const reference = `\${file:${join(folder, "token")}}`;
  const auth = { tokens: [secret], users: [{ name: "ada", password: secret }] };
  const pipeline = {
    sources: {
      http: { type: "http_server", listen: "127.0.0.1:0", auth },
      sockets: { type: "websocket_server", listen: "127.0.0.1:0", auth },
    },
    sinks: {
      // Nothing listens there.
      posts: {
        type: "http",
        inputs: ["http"],
        url: "http://127.0.0.1:9/",
        headers: { "X-Key": reference },
        auth: { token: secret },
      },
      messages: {
        type: "websocket_client",
        inputs: ["sockets"],
        url: "ws://127.0.0.1:9/",
        auth: { user: "ada", password: secret },
      },
    },
  };
  const path = pipelineFile(folder, pipeline);
  const args = [path, "--data-dir", join(folder, "data")];
  const weir = startWeir([
    "run",
    ...args,
    "--drain",
    "100ms",
    "--log-level",
    "debug",
    "--listen",
    "127.0.0.1:0",
    "--stats",
    join(folder, "stats.json"),
  ]);
  const said = async (text: RegExp): Promise<string> => {
    for (;;) {
      const found = weir.log.map(({ msg }) => text.exec(msg)?.[1]).find((one) => one !== undefined);
      if (found !== undefined || !weir.isAlive) return found ?? "";
      await new Promise((done) => setTimeout(done, 10));
    }
  };
  const url = await said(/listening on (http:\S+)/);
  const endpoint = await said(/at (http:\S+)\/health/);
  expect((await post(url, '[{"n":1}]', { headers: { Authorization: `Bearer ${secret}` } })).status).toBe(200);
  const refused = await post(url, "[{}]", { headers: { Authorization: `Bearer ${secret}x` } });
  expect(refused.status).toBe(401);
  await said(/(delivery of one event failed)/);
  const metrics = await (await fetch(`${endpoint}/metrics`)).text();
  const ready = await (await fetch(`${endpoint}/ready`)).text();
  const status = (await runWeir(["status", "--data-dir", join(folder, "data"), "--json"])).out;
  const { log, out } = await weir.stop("SIGTERM");
  // A mistake beside a secret is shown with the line that it is in.
  const wrong = { ...pipeline, sinks: { posts: { ...pipeline.sinks.posts, headrs: { "X-Key": secret } } } };
  const validated = await runWeir(["validate", pipelineFile(folder, wrong, "wrong.yaml")]);
  expect(validated.code).not.toBe(0);
  const stats = readFileSync(join(folder, "stats.json"), "utf8");
  const texts = { metrics, ready, status, log: JSON.stringify(log), out, stats, body: refused.body };
  for (const [where, text] of Object.entries(texts)) {
    expect({ where, isEmpty: where !== "out" && text === "" }).toEqual({ where, isEmpty: false });
    expect({ where, holds: text.includes(secret) }).toEqual({ where, holds: false });
  }
  const shown = validated.out + JSON.stringify(validated.log);
  expect(shown).toContain("headrs");
  expect(shown.includes(secret)).toBe(false);
}, 120_000);
