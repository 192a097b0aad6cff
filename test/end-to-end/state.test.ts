import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { freePort } from "./free-port.ts";
import { answers, type Ended, pipelineFile, readLinesSoFar, runWeir, startWeir, temporaryFolder } from "./weir.ts";

const setUp = async () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const dead = await freePort();
  const plan = (more: boolean) => ({
    sources: {
      log: { type: "file", include: [path("in.ndjson")], codec: "json", poll_interval: "20ms" },
      ...(more && { second: { type: "file", include: [path("second.ndjson")], codec: "json" } }),
    },
    transforms: { ...(more && { seen: { type: "new_terms", inputs: ["second"], fields: ["n"], window: "1d" } }) },
    sinks: {
      out: { type: "file", inputs: ["log"], path: path("out.ndjson") },
      ...(more && {
        remote: { type: "http", inputs: ["seen"], url: `http://127.0.0.1:${dead}/`, retry: { max: "50ms" } },
      }),
    },
  });
  writeFileSync(path("in.ndjson"), '{"n":1}\n');
  writeFileSync(path("second.ndjson"), '{"n":1}\n{"n":2}\n');
  const write = (more: boolean) => pipelineFile(folder, plan(more));
  const file = write(true);
  const command = (...args: string[]): Promise<Ended> => runWeir([...args, "--data-dir", path("data")]);
  const stored = async (...args: string[]) =>
    JSON.parse((await command("state", "list", "--json", ...args)).out) as readonly {
      readonly id: string;
      readonly used?: boolean;
      readonly streams: number;
      readonly state_bytes: number;
      readonly outbox_bytes?: number;
    }[];
  const start = async () => {
    const weir = startWeir(["run", file, "--data-dir", path("data"), "--drain", "100ms"]);
    await weir.said("running");
    return weir;
  };
  const outbox = () => {
    const directory = path("data/outboxes/remote");
    return existsSync(directory) ? readdirSync(directory) : [];
  };
  return { path, file, write, command, stored, start, outbox };
};

const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  for (let waited = 0; !(await isSo()); waited += 20) {
    if (waited > 30_000) throw new Error("half a minute went by, and it is not so");
    await sleep(20);
  }
};

it("what was removed by a reload is listed, and forgotten on request while weir runs; then it starts anew", async () => {
  const { path, write, command, stored, start, outbox } = await setUp();
  const weir = await start();
  await answers(path("data"));
  await until(async () => (await stored()).some(({ id, outbox_bytes = 0 }) => id === "remote" && outbox_bytes > 0));
  expect((await command("state", "forget", "remote")).log.map(({ msg }) => msg)).toEqual([
    'The pipeline uses "remote": remove it there first, and reload.',
  ]);
  write(false);
  expect(await command("reload")).toMatchObject({ code: 0 });
  const left = (await stored()).filter(({ used }) => used === false);
  expect(left.map(({ id }) => id)).toEqual(["remote", "second", "seen"]);
  expect(left.find(({ id }) => id === "second")?.streams).toBeGreaterThan(0);
  expect(left.find(({ id }) => id === "seen")?.state_bytes).toBeGreaterThan(0);

  expect((await command("state", "forget", "nobody")).code).toBe(1);
  expect((await command("state", "forget", "--unused")).code).toBe(2);
  expect((await stored()).length).toBe(5);
  expect(outbox()).toHaveLength(1);
  expect(await command("state", "forget", "--unused", "--yes")).toMatchObject({ code: 0 });
  expect((await stored()).map(({ id }) => id)).toEqual(["log", "out"]);
  expect(outbox()).toEqual([]);

  // What comes back knows nothing, in the same process as after a restart.
  write(true);
  expect(await command("reload")).toMatchObject({ code: 0 });
  await until(async () => (await stored()).some(({ id, outbox_bytes = 0 }) => id === "remote" && outbox_bytes > 0));
  writeFileSync(path("in.ndjson"), '{"n":2}\n', { flag: "a" });
  await until(() => readLinesSoFar(path("out.ndjson")).length === 2);
  expect((await weir.stop("SIGTERM")).code).toBe(0);
  const again = await start();
  await answers(path("data"));
  expect(again.log.filter(({ level }) => level === "error")).toEqual([]);
  expect((await again.stop("SIGTERM")).code).toBe(0);
});

it("a stopped weir forgets by id, and all that a named pipeline does not use", async () => {
  const { path, file, write, command, stored, start, outbox } = await setUp();
  const weir = await start();
  await answers(path("data"));
  await until(async () => (await stored()).some(({ id, outbox_bytes = 0 }) => id === "remote" && outbox_bytes > 0));
  expect((await weir.stop("SIGTERM")).code).toBe(0);
  write(false);

  expect((await command("state", "forget", "--unused", "--yes")).code).toBe(1);
  expect((await command("state", "forget", "out", "--pipeline", file)).code).toBe(1);
  expect(await command("state", "forget", "seen")).toMatchObject({ code: 0 });
  expect((await stored("--pipeline", file)).map(({ id, used }) => `${id} ${used}`)).toEqual([
    "log true",
    "out true",
    "remote false",
    "second false",
  ]);
  expect(await command("state", "forget", "--unused", "--yes", "--pipeline", file)).toMatchObject({ code: 0 });
  expect((await stored()).map(({ id }) => id)).toEqual(["log", "out"]);
  expect(outbox()).toEqual([]);

  const again = await start();
  writeFileSync(path("in.ndjson"), '{"n":2}\n', { flag: "a" });
  await until(() => readLinesSoFar(path("out.ndjson")).length === 2);
  expect(again.log.filter(({ level }) => level === "error" || level === "warn")).toEqual([]);
  expect((await again.stop("SIGTERM")).code).toBe(0);
});
