import { existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { answers, pipelineFile, readLines, readLinesSoFar, runWeir, startWeir, temporaryFolder } from "./weir.ts";

const setUp = () => {
  const folder = temporaryFolder();
  return { folder, path: (...names: string[]) => join(folder, ...names) };
};

const write = (path: string, text: string, flag = "w"): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { flag });
};

const until = async (isSo: () => boolean): Promise<void> => {
  for (let waited = 0; !isSo(); waited += 10) {
    if (waited > 30_000) throw new Error("half a minute went by, and it is not so");
    await sleep(10);
  }
};

const id = "0123456789abcdef".repeat(4);

it("a line of a pod says where it is from, through links, rotation and a restart; JSON keeps its text", async () => {
  const { folder, path } = setUp();
  const log = path("pods", "shop_web_uid-1", "nginx", "0.log");
  write(log, "one\n");
  mkdirSync(path("containers"));
  symlinkSync(log, path("containers", `web_shop_nginx-${id}.log`));
  write(path("in.json"), '{"n": 1}\n');
  const file = pipelineFile(folder, {
    data_dir: path("data"),
    host: "edge-1",
    sources: {
      pods: { type: "file", include: [path("containers", "*.log")], poll_interval: "50ms" },
      json: { type: "file", include: [path("in.json")], codec: "json" },
    },
    transforms: {
      shape: {
        type: "remap",
        inputs: ["json"],
        steps: [{ set: { "labels.path": "{{ _meta.log.file.path }}" } }],
      },
    },
    sinks: {
      out: { type: "file", inputs: ["pods"], path: path("out.ndjson") },
      asIs: { type: "file", inputs: ["json"], path: path("as-is-{{ _meta.source }}.ndjson") },
      shaped: { type: "file", inputs: ["shape"], path: path("shaped.ndjson") },
    },
  });
  const first = startWeir(["run", file]);
  await until(() => readLinesSoFar(path("out.ndjson")).length === 1);
  write(log, "two\n", "a");
  await until(() => readLinesSoFar(path("out.ndjson")).length === 2);
  first.child.kill("SIGKILL");
  await first.ended;
  write(log, "three\n", "a");
  renameSync(log, `${log}.20260101-000000`);
  write(log, "four\n");
  const second = startWeir(["run", file]);
  await until(() => readLinesSoFar(path("out.ndjson")).length === 4);
  second.child.kill("SIGTERM");
  expect((await second.ended).code).toBe(0);
  const from = {
    log: { file: { path: log } },
    host: { name: "edge-1" },
    kubernetes: { namespace: "shop", pod: { name: "web", uid: "uid-1" }, container: { name: "nginx" } },
    container: { id },
  };
  const events = readLines(path("out.ndjson"));
  const offsets = [0, 4, 8, 0];
  expect(events).toEqual(
    ["one", "two", "three", "four"].map((message, index) => ({
      message,
      ...from,
      log: { ...from.log, offset: offsets[index] },
      event: { ingested: expect.stringMatching(/^\d{4}-.*Z$/) },
    })),
  );
  expect(readLines(path("as-is-json.ndjson"))).toEqual([{ n: 1 }]);
  expect(readLines(path("shaped.ndjson"))).toEqual([{ n: 1, labels: { path: path("in.json") } }]);
});

it("a dead letter that is replayed says where it is from, and has the labels of now", async () => {
  const { folder, path } = setUp();
  write(path("in.log"), "line\n");
  const pipeline = (more: object) =>
    pipelineFile(folder, {
      labels: { site: "paris" },
      host: "edge-1",
      data_dir: path("data"),
      sources: { in: { type: "file", include: [path("in.log")], follow: false, origin: "always", ...more } },
      sinks: { out: { type: "file", inputs: ["in"], path: path("out.ndjson") } },
    });
  const file = pipeline({ codec: "json" });
  expect((await runWeir(["run", file])).code).toBe(0);
  pipeline({ codec: "text" });
  expect((await runWeir(["dead-letters", "replay", "--all", "--data-dir", path("data")])).code).toBe(0);
  expect((await runWeir(["run", file])).code).toBe(0);
  expect(readLines(path("out.ndjson"))).toMatchObject([
    {
      message: "line",
      labels: { site: "paris" },
      host: { name: "edge-1" },
      log: { file: { path: path("in.log") }, offset: 0 },
    },
  ]);
});

it("the command line counts more than data_dir, and a reload changes labels, but not data_dir", async () => {
  const { folder, path } = setUp();
  write(path("in.json"), '{"n":1}\n');
  const pipeline = (more: object) =>
    pipelineFile(folder, {
      ...more,
      sources: { in: { type: "file", include: [path("in.json")], codec: "json" } },
      sinks: { out: { type: "file", inputs: ["in"], path: path("out.ndjson") } },
    });
  const file = pipeline({ data_dir: path("data"), labels: { site: "paris" } });
  const weir = startWeir(["run", file]);
  await answers(path("data"));
  const command = (...args: string[]) => runWeir([...args, "--data-dir", path("data")]);
  await until(() => readLinesSoFar(path("out.ndjson")).length === 1);

  pipeline({ data_dir: path("elsewhere"), labels: { site: "rome" } });
  const refused = await command("reload");
  expect(refused.code).toBe(1);
  expect(refused.log.map(({ msg }) => msg).join("\n")).toContain(
    `weir uses the data dir "${path("data")}", and the file names "${path("elsewhere")}": "data_dir" changes only when weir is stopped and started again`,
  );
  pipeline({ data_dir: path("data"), labels: { site: "rome" } });
  expect(await command("reload")).toMatchObject({
    code: 0,
    out: '~ source in (file)\n    labels.site: "paris" → "rome"\nrestarts with it: out\n',
  });
  write(path("in.json"), '{"n":2,"labels":{"site":"forged","team":"a"}}\n', "a");
  await until(() => readLinesSoFar(path("out.ndjson")).length === 2);
  expect(readLinesSoFar(path("out.ndjson"))).toEqual([
    { n: 1, labels: { site: "paris" } },
    { n: 2, labels: { site: "rome", team: "a" } },
  ]);
  weir.child.kill("SIGTERM");
  await weir.ended;

  const other = startWeir(["run", file, "--data-dir", path("given")]);
  await answers(path("given"));
  pipeline({ data_dir: path("elsewhere"), labels: { site: "rome" } });
  expect((await runWeir(["reload", "--data-dir", path("given")])).code).toBe(0);
  expect(existsSync(path("elsewhere"))).toBe(false);
  other.child.kill("SIGTERM");
  await other.ended;
});
