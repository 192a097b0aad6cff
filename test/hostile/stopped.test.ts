import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { expectConservation } from "../end-to-end/conservation.ts";
import { pipelineFile, readLines, readStats, startWeir, temporaryFolder } from "../end-to-end/weir.ts";
import { Books, httpClient } from "./honest.ts";

it("nothing is lost when the system stops the process for a while and lets it go on", async () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  writeFileSync(path("in.log"), Array.from({ length: 5_000 }, (_, n) => `{"honest":"log-${n}"}\n`).join(""));
  const pipeline = pipelineFile(folder, {
    sources: {
      http: { type: "http_server", listen: "127.0.0.1:0" },
      log: { type: "file", include: [path("in.log")], codec: "json" },
    },
    sinks: { out: { type: "file", inputs: ["http", "log"], path: path("out.ndjson") } },
  });
  const weir = startWeir(["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json")]);
  await weir.said("listening on");
  const url = /listening on (\S+)/.exec(weir.log.map(({ msg }) => msg).join("\n"))![1]!;
  const books = new Books();
  const client = httpClient(url, "http", books);
  for (let round = 0; round < (process.env["WEIR_LONG"] ? 20 : 3); round++) {
    await sleep(200);
    weir.child.kill("SIGSTOP");
    await sleep(process.env["WEIR_LONG"] ? 1_000 : 300);
    weir.child.kill("SIGCONT");
  }
  await client.stop();
  expect((await weir.stop("SIGTERM")).code).toBe(0);
  const taken = new Set(readLines(path("out.ndjson")).map(({ honest }) => honest));
  expect([...books.acknowledged].filter((name) => !taken.has(name))).toEqual([]);
  expect(Array.from({ length: 5_000 }, (_, n) => `log-${n}`).filter((name) => !taken.has(name))).toEqual([]);
  expectConservation(readStats(path("stats.json")));
}, 120_000);
