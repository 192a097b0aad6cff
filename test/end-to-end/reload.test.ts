import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { expect, it, onTestFinished } from "vitest";
import { authority, hasOpenssl } from "../http/certificates.ts";
import { freePort } from "./free-port.ts";
import {
  answers,
  type LogLine,
  pipelineFile,
  readLinesSoFar,
  runWeir,
  startWeir,
  temporaryFolder,
  type Weir,
} from "./weir.ts";

const setUp = (pipeline: (path: (name: string) => string) => unknown) => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const write = (next = pipeline) => pipelineFile(folder, next(path));
  const file = write();
  const dataDir = path("data");
  const start = async (...more: string[]): Promise<Weir> => {
    const weir = startWeir(["run", file, "--data-dir", dataDir, ...more]);
    await weir.said("running");
    return weir;
  };
  const command = (...args: string[]) => runWeir([...args, "--data-dir", dataDir]);
  return { path, write, file, dataDir, start, command };
};

const textOf = ({ log }: { readonly log: readonly LogLine[] }): string => log.map(({ msg }) => msg).join("\n");

const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  for (let waited = 0; !(await isSo()); waited += 10) {
    if (waited > 30_000) throw new Error("half a minute went by, and it is not so");
    await sleep(10);
  }
};

it("weir reload says what has changed, or why not, in its output and exit code", async () => {
  const plan = (query: string) => (path: (name: string) => string) => ({
    sources: { log: { type: "file", include: [path("in.ndjson")], codec: "json" } },
    transforms: { some: { type: "filter", inputs: ["log"], where: query } },
    sinks: { out: { type: "file", inputs: ["some"], path: path("out.ndjson") } },
  });
  const { path, write, file, start, command, dataDir } = setUp(plan("n < 5"));
  writeFileSync(path("in.ndjson"), '{"n":1}\n{"n":7}\n');
  expect(await command("reload")).toMatchObject({ code: 1 });
  await start();
  await answers(dataDir);
  await until(() => readLinesSoFar(path("out.ndjson")).length === 1);
  expect(await command("reload")).toMatchObject({ code: 0, out: "nothing has changed\n" });

  write(plan("n >= 5"));
  const difference = '~ transform some (filter)\n    where: "n < 5" → "n >= 5"\nrestarts with it: log, out\n';
  expect(await command("diff", file)).toMatchObject({ code: 0, out: difference });
  expect(await command("reload")).toMatchObject({ code: 0, out: difference });
  writeFileSync(path("in.ndjson"), '{"n":2}\n{"n":8}\n', { flag: "a" });
  await until(() => readLinesSoFar(path("out.ndjson")).length === 2);
  expect(readLinesSoFar(path("out.ndjson"))).toEqual([{ n: 1 }, { n: 8 }]);

  write(plan("n >= "));
  const { code, log } = await command("reload");
  expect(code).toBe(78);
  expect(textOf({ log })).toContain("the old pipeline runs on: the new one has errors");
  expect(textOf({ log })).toContain("config/kql");
  expect((await command("status")).out).toContain("the last reload failed");
  write(plan("n >= 5"));
  expect(await command("reload")).toMatchObject({ code: 0, out: "nothing has changed\n" });
});

it("a port that another process has leaves the old pipeline running", async () => {
  const port = await freePort();
  const plan = (listen: number) => (path: (name: string) => string) => ({
    sources: { web: { type: "http_server", listen: `127.0.0.1:${listen}` } },
    sinks: { out: { type: "file", inputs: ["web"], path: path("out.ndjson") } },
  });
  const { path, write, start, command, dataDir } = setUp(plan(port));
  await (await start()).said("listening on");
  await answers(dataDir);
  const other = createTcpServer().listen(0, "127.0.0.1");
  onTestFinished(() => void other.close());
  await until(() => other.listening);
  write(plan((other.address() as AddressInfo).port));
  const { code, log } = await command("reload");
  expect(code).toBe(1);
  expect(textOf({ log })).toMatch(
    /the old pipeline runs on: "web" cannot listen on .*: another process is listening there/,
  );
  const headers = { "content-type": "application/json" };
  expect((await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body: '{"n":1}' })).status).toBe(200);
  await until(() => readLinesSoFar(path("out.ndjson")).length === 1);
});

it("a dead receiver with a full outbox does not keep its mended URL from being loaded; each event comes once", async () => {
  const got: number[] = [];
  const receiver = createServer(async (request, response) => {
    for await (const line of (await request.setEncoding("utf8").toArray()).join("").trim().split("\n"))
      got.push((JSON.parse(line) as { readonly n: number }).n);
    response.end();
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void receiver.close().closeAllConnections());
  await until(() => receiver.listening);
  const plan = (port: number) => (path: (name: string) => string) => ({
    sources: { log: { type: "file", include: [path("in.ndjson")], codec: "json" } },
    sinks: {
      remote: {
        type: "http",
        inputs: ["log"],
        url: `http://127.0.0.1:${port}/`,
        buffer: { max_size: "16KiB" },
        retry: { initial: "10ms", max: "50ms" },
      },
    },
  });
  const dead = await freePort();
  const { path, write, start, command, dataDir } = setUp(plan(dead));
  const count = 1_000;
  writeFileSync(path("in.ndjson"), Array.from({ length: count }, (_, n) => `{"n":${n}}\n`).join(""));
  const weir = await start();
  await answers(dataDir);
  await weir.said("the outbox is full");
  write(plan((receiver.address() as AddressInfo).port));
  expect(await command("reload")).toMatchObject({ code: 0 });
  await until(() => got.length >= count);
  expect(got).toEqual(Array.from({ length: count }, (_, n) => n));
});

it("--watch reloads when a rule, a plugin or a secret file changes, and a mistake leaves all as it was", async () => {
  const port = await freePort();
  const { path, write, start, command } = setUp((path) => ({
    plugins: ["./greet.ts"],
    sources: {
      web: { type: "http_server", listen: `127.0.0.1:${port}`, auth: { tokens: [`\${file:${path("token")}}`] } },
    },
    transforms: { greet: { type: "greet", inputs: ["web"] } },
    sinks: { out: { type: "file", inputs: ["greet"], path: path("out.ndjson") } },
  }));
  writeFileSync(path("token"), "one\n");
  writeFileSync(path("words.ts"), 'export const word = "hello";');
  writeFileSync(
    path("greet.ts"),
    `import { defineTransform, withData } from "weir"; import { word } from "./words.ts";
     export default defineTransform({ name: "greet", summary: "Greets.", options: {}, each: () => (event) => withData(event, { ...event.data, word }) });`,
  );
  write();
  const weir = await start("--watch");
  const send = async (token: string) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    return (await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body: "{}" })).status;
  };
  await weir.said("listening on");
  await weir.said("watching 4 files");
  expect([await send("one"), await send("two")]).toEqual([200, 401]);
  writeFileSync(path("token"), "two\n");
  expect(await weir.said("reload (a file changed): changed web")).toBe(true);
  expect([await send("one"), await send("two")]).toEqual([401, 200]);
  writeFileSync(path("words.ts"), "export const word = ;");
  expect(await weir.said("reload (a file changed): the old pipeline runs on")).toBe(true);
  expect(await send("two")).toBe(200);
  writeFileSync(path("words.ts"), 'export const word = "good day";');
  expect(await weir.said("reload (a file changed): changed greet")).toBe(true);
  expect(await send("two")).toBe(200);
  await until(() => readLinesSoFar(path("out.ndjson")).length === 4);
  expect(readLinesSoFar(path("out.ndjson")).map(({ word }) => word)).toEqual(["hello", "hello", "hello", "good day"]);
  expect(textOf(weir)).not.toMatch(/\bone\b.*two/);
  expect(await command("reload")).toMatchObject({ code: 0, out: "nothing has changed\n" });
});

it.runIf(hasOpenssl)("a renewed certificate is served after a reload, and a broken one is not loaded", async () => {
  const port = await freePort();
  const own = authority(temporaryFolder(), "own");
  const { path, start, write, command, dataDir } = setUp((path) => ({
    sources: {
      web: {
        type: "http_server",
        listen: `127.0.0.1:${port}`,
        tls: { certificate: path("weir.crt"), key: path("weir.key") },
      },
    },
    sinks: { out: { type: "file", inputs: ["web"], path: path("out.ndjson") } },
  }));
  const install = ({ certificate, key }: { readonly certificate: string; readonly key: string }) => {
    writeFileSync(path("weir.crt"), readFileSync(certificate));
    writeFileSync(path("weir.key"), readFileSync(key));
  };
  const served = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
      socket.on("error", reject);
    });
  install(own.issue("first"));
  write();
  await (await start()).said("listening on");
  await answers(dataDir);
  expect(await served()).toBe("first");
  install(own.issue("second"));
  expect((await command("reload")).out).toContain("the file of tls.certificate has changed");
  expect(await served()).toBe("second");
  writeFileSync(path("weir.crt"), "no certificate");
  expect(await command("reload")).toMatchObject({ code: 1 });
  expect(await served()).toBe("second");
});

it("a part that reads standard input is not replaced, others are; no line is lost", async () => {
  const plan = (path: (name: string) => string, query: string, other: string) => ({
    sources: { lines: { type: "stdin", codec: "json" }, log: { type: "file", include: [path("in.ndjson")] } },
    transforms: { some: { type: "filter", inputs: ["lines"], where: query } },
    sinks: {
      out: { type: "file", inputs: ["some"], path: path("out.ndjson") },
      other: { type: "file", inputs: ["log"], path: path(other) },
    },
  });
  const { path, write, start, command, dataDir } = setUp((path) => plan(path, "n >= 0", "one.ndjson"));
  const weir = await start();
  await answers(dataDir);
  weir.child.stdin!.write('{"n":1}\n');
  write((path) => plan(path, "n < 0", "one.ndjson"));
  const { code, log } = await command("reload");
  expect(code).toBe(1);
  expect(textOf({ log })).toContain('"lines" (stdin) cannot read its input again, and would lose it; restart weir');
  write((path) => plan(path, "n >= 0", "two.ndjson"));
  expect((await command("reload")).out).toContain("not touched: lines, some, out");
  weir.child.stdin!.write('{"n":2}\n');
  await until(() => readLinesSoFar(path("out.ndjson")).length === 2);
});
