import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { expectConservation } from "../end-to-end/conservation.ts";
import { freePort } from "../end-to-end/free-port.ts";
import { pipelineFile, readLines, readLinesSoFar, readStats, startWeir, temporaryFolder } from "../end-to-end/weir.ts";
import { FaultServer } from "./fault-server.ts";

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await sleep(10);
};

it("L4: clients get their 200 and a file its lines while a receiver hangs, until its outbox is full; then all wait", async () => {
  const folder = temporaryFolder();
  const [file, stats] = [join(folder, "sound.ndjson"), join(folder, "stats.json")];
  const server = new FaultServer([1]);
  const url = await server.start();
  server.always("hang");
  const address = `127.0.0.1:${await freePort()}`;
  const pipeline = pipelineFile(folder, {
    sources: { in: { type: "http_server", listen: address } },
    sinks: {
      sound: { type: "file", inputs: ["in"], path: file },
      dead: {
        type: "http",
        inputs: ["in"],
        url,
        health_check: false,
        timeout: "300ms",
        retry: { initial: "10ms", max: "50ms" },
        buffer: { max_size: "256KiB" },
      },
    },
  });
  const weir = startWeir(["run", pipeline, "--data-dir", join(folder, "data"), "--stats", stats]);
  await weir.said("listening on");

  let sent = 0;
  const post = async (timeout: number): Promise<number | undefined> => {
    const lines = Array.from({ length: 50 }, (_, index) =>
      JSON.stringify({ n: sent + index, padding: "x".repeat(200) }),
    );
    try {
      const signal = AbortSignal.timeout(timeout);
      const headers = { "content-type": "application/x-ndjson" };
      const response = await fetch(`http://${address}/`, { method: "POST", headers, body: lines.join("\n"), signal });
      await response.arrayBuffer();
      if (response.ok) sent += 50;
      return response.status;
    } catch {
      return undefined;
    }
  };
  // Each request is some 11 KB: ten of them are far from the quota, and a hundred are far beyond.
  for (let count = 0; count < 10; count++) expect(await post(20_000)).toBe(200);
  await until(() => readLinesSoFar(file).length === 500);
  let answer: number | undefined = 200;
  while (answer === 200 && sent < 5_000) answer = await post(1_000);
  expect(answer, "neither taken nor lost: no room, or no answer").not.toBe(200);
  expect(sent).toBeLessThan(2_000);
  expect(await weir.said("the outbox is full")).toBe(true);
  expect(server.receiver.taken.size).toBe(0);

  server.always("none");
  await until(
    () => server.receiver.refused.size > 0 && server.receiver.taken.size + server.receiver.refused.size >= sent,
  );
  expect(await post(20_000)).toBe(200);
  expect(await weir.stop("SIGTERM")).toMatchObject({ code: 0 });
  expectConservation(readStats(stats));
  const written = new Set(readLines(file).map(({ n }) => n));
  const { taken, refused } = server.receiver;
  expect(Array.from({ length: sent }, (_, n) => n).filter((n) => !written.has(n))).toEqual([]);
  expect(Array.from({ length: sent }, (_, n) => n).filter((n) => !taken.has(n) && !refused.has(n))).toEqual([]);
});
