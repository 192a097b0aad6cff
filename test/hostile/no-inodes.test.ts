import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { expectConservation } from "../end-to-end/conservation.ts";
import { pipelineFile, readLines, readStats, runWeir, startWeir, temporaryFolder } from "../end-to-end/weir.ts";
import { post } from "../http/client.ts";
import { urlOf } from "./process.ts";

/** Mounts a file system that has room for this many files and directories; `undefined`, and the reason printed, if it cannot. */
const diskOf = (folder: string, inodes: number): string | undefined => {
  const path = join(folder, "disk");
  mkdirSync(path);
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=64m,nr_inodes=${inodes}`, "tmpfs", path]);
  if (status !== 0) {
    console.log(`skipped: a small disk cannot be mounted here: ${stderr?.toString().trim()}`);
    return undefined;
  }
  onTestFinished(() => void spawnSync("umount", ["-l", path]));
  return path;
};

/** Creates files until no more can be created. */
const fill = (folder: string): void => {
  mkdirSync(folder, { recursive: true });
  try {
    for (let n = 0; ; n++) writeFileSync(join(folder, String(n)), "");
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe("ENOSPC");
  }
};

it("a disk without inodes loses no acknowledged event, and weir goes on when there are some again", async ({
  skip,
}) => {
  const folder = temporaryFolder();
  const disk = diskOf(folder, 200);
  if (!disk) return skip("no small disk");
  const fillers = join(disk, "fillers");
  mkdirSync(fillers);
  const pipeline = pipelineFile(folder, {
    sources: { http: { type: "http_server", listen: "127.0.0.1:0" } },
    sinks: {
      out: {
        type: "file",
        inputs: ["http"],
        path: join(disk, "out/{{ team }}.ndjson"),
        retry: { initial: "10ms", max: "50ms" },
      },
    },
  });
  const stats = join(folder, "stats.json");
  const args = ["run", pipeline, "--data-dir", join(disk, "data"), "--stats", stats];

  // Before the first start there is not even a data dir.
  fill(fillers);
  const refused = await runWeir(args);
  expect(refused).toMatchObject({ code: 1, log: [{ msg: expect.stringMatching(/data dir.*(ENOSPC|no space)/s) }] });
  rmSync(fillers, { recursive: true });

  const weir = startWeir(args);
  const url = await urlOf(weir, "http");
  const acknowledged: string[] = [];
  const send = async (name: string): Promise<number> => {
    const { status } = await post(url, JSON.stringify({ name, team: name, filler: "x".repeat(20_000) }));
    if (status === 200) acknowledged.push(name);
    return status;
  };
  for (let n = 0; n < 5; n++) expect(await send(`before-${n}`)).toBe(200);
  fill(fillers);
  for (let n = 0; n < 10; n++)
    expect(await Promise.race([send(`without-${n}`), sleep(2_000, 0)])).toBeOneOf([200, 429]);
  await weir.said("delivery of");
  expect(weir.isAlive).toBe(true);
  rmSync(fillers, { recursive: true });
  for (let n = 0; n < 5; n++) expect(await send(`after-${n}`)).toBe(200);
  expect((await weir.stop("SIGTERM")).code).toBe(0);
  expectConservation(readStats(stats));
  const found = readdirSync(join(disk, "out")).flatMap((file) =>
    readLines(join(disk, "out", file)).map(({ name }) => name),
  );
  expect(found.sort()).toEqual(acknowledged.sort());
}, 60_000);
