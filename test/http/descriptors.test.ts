import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { freePort } from "../end-to-end/free-port.ts";
import { pipelineFile, readLines, temporaryFolder } from "../end-to-end/weir.ts";
import { until } from "../runtime/harness.ts";
import { post } from "./client.ts";

it("connections leave descriptors for files and for health, however few there are", async () => {
  const folder = temporaryFolder();
  const [port, observe] = [await freePort(), await freePort()];
  const out = `${folder}/out.ndjson`;
  const pipeline = pipelineFile(folder, {
    sources: { in: { type: "http_server", listen: `127.0.0.1:${port}` } },
    sinks: { out: { type: "file", inputs: ["in"], path: out } },
  });
  const run = `ulimit -n 160; exec "${process.execPath}" bin/weir.js run ${pipeline} --data-dir ${folder}/data --listen ${observe}`;
  const weir = spawn("bash", ["-c", run], { stdio: "ignore" });
  const ended = once(weir, "exit");
  onTestFinished(() => void weir.kill("SIGKILL"));
  const health = () =>
    fetch(`http://127.0.0.1:${observe}/health`).then(
      ({ status }) => status,
      () => 0,
    );
  let status = 0;
  await until(
    () => status === 200,
    async () => (status = await health()),
  );
  const flood = Array.from({ length: 300 }, () => {
    const socket = connect({ port, host: "127.0.0.1", localAddress: "127.0.0.2" }).on("error", () => undefined);
    onTestFinished(() => void socket.destroy());
    return socket;
  });
  await until(() => flood.filter(({ destroyed }) => destroyed).length >= 250);
  expect((await post(`http://127.0.0.1:${port}/`, '[{"n":1}]')).status).toBe(200);
  expect(await health()).toBe(200);
  weir.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
  expect(readLines(out)).toEqual([{ n: 1 }]);
});
