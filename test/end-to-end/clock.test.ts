import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { expectConservation } from "./conservation.ts";
import { type Ended, pipelineFile, readLinesSoFar, readStats, startWeir, temporaryFolder, type Weir } from "./weir.ts";

const day = 86_400_000;
const year = 365 * day;
const preload = fileURLToPath(new URL("set-clock.mjs", import.meta.url));

/** A receiver that can be down, and keeps what it was sent. */
const receiver = async () => {
  const users: string[] = [];
  let isUp = true;
  const server: Server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      if (isUp) users.push(...body.split("\n").filter(Boolean).map(userOf));
      response
        .writeHead(isUp ? 200 : 503, isUp ? {} : { "Retry-After": new Date(Date.now() + 1000).toUTCString() })
        .end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const turn = (up: boolean) => {
    isUp = up;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, users, turn };
};

const userOf = (line: string): string => (JSON.parse(line) as { user: string }).user;

const until = async (condition: () => boolean) => {
  while (!condition()) await sleep(20);
};

/** A followed log, new users of it into a file that rotates by age and to a receiver, with a clock that can be set. */
const setUp = async () => {
  const folder = temporaryFolder();
  const { url, users, turn } = await receiver();
  const [log, out, clock, stats] = ["in.log", "out.ndjson", "clock", "stats.json"].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  writeFileSync(clock, "0");
  const pipeline = pipelineFile(folder, {
    sources: { log: { type: "file", include: [log], codec: "json", poll_interval: "100ms" } },
    transforms: { fresh: { type: "new_terms", inputs: ["log"], fields: ["user"], window: "7d" } },
    sinks: {
      all: { type: "file", inputs: ["log"], path: out },
      sent: { type: "http", inputs: ["fresh"], url, retry: { initial: "100ms", max: "500ms" } },
    },
  });
  const args = ["run", pipeline, "--data-dir", join(folder, "data"), "--stats", stats, "--listen", "127.0.0.1:0"];
  const environment = { NODE_OPTIONS: `--import=${preload}`, CLOCK_OFFSET_FILE: clock };
  let written = 0;
  return {
    users,
    turn,
    start: () => startWeir(args, { environment }),
    set: (offset: number) => writeFileSync(clock, String(offset)),
    /** Writes an event, and waits until it is in the file of the sink. */
    write: async (user: string) => {
      appendFileSync(log, `${JSON.stringify({ user })}\n`);
      written++;
      await until(() => readLinesSoFar(out).length === written);
    },
    rotate: () => renameSync(log, `${log.slice(0, -4)}-2026-01-01T00-00-00.000.log`),
    stopped: async (weir: Weir): Promise<Ended> => {
      const ended = await weir.stop("SIGTERM");
      expectConservation(readStats(stats));
      return ended;
    },
  };
};

const skews: readonly (readonly [what: string, off: number])[] = [
  ["30 years ahead", 30 * year],
  ["45 days ahead", 45 * day],
  ["30 years behind", -30 * year],
];

it.each(process.env["WEIR_LONG"] ? skews : skews.slice(0, 1))(
  "a clock that is %s for a while stops nothing, and poisons no history",
  async (_, off) => {
    const { users, turn, start, set, write, rotate, stopped } = await setUp();
    let weir = start();
    for (const user of ["ann", "ann"]) await write(user);
    await until(() => users.length === 1);

    turn(false);
    set(off);
    await write("bob");
    await weir.said("503");
    // Set right while a sink waits for its receiver.
    set(0);
    await write("ann");
    turn(true);
    await until(() => users.length === 2);
    rotate();
    await write("ann");
    expect((await stopped(weir)).code).toBe(0);

    // Off at a start, and set right in the run.
    set(off);
    weir = start();
    await write("cleo");
    set(0);
    for (const user of ["ann", "dora", "dora", "ann"]) await write(user);
    await until(() => users.length === 4);
    const ended = await stopped(weir);
    expect(ended.code).toBe(0);
    expect(users).toEqual(["ann", "bob", "cleo", "dora"]);
    expect(
      ended.log.filter(({ level }) => level === "error").every(({ msg }) => msg.includes("the clock was set")),
    ).toBe(true);
  },
);

it("says once what the clock did, and again after the next start only if it happens again", async () => {
  const { start, set, write, stopped } = await setUp();
  const said = (ended: Ended) =>
    ended.log.filter(({ msg }) => msg.includes("the clock was set")).map(({ level }) => level);
  let weir = start();
  await write("ann");
  set(year);
  await write("ann");
  set(0);
  await write("ann");
  expect(said(await stopped(weir))).toEqual(["warn", "error"]);
  weir = start();
  await write("ann");
  expect(said(await stopped(weir))).toEqual([]);
});

it("limits of a hundred years work, though no timer lasts that long", async () => {
  const folder = temporaryFolder();
  const { url, users } = await receiver();
  const log = join(folder, "in.log");
  writeFileSync(log, '{"user":"ann"}\n');
  const years = "36500d";
  const retry = { initial: years, max: years };
  const pipeline = pipelineFile(folder, {
    sources: {
      log: { type: "file", include: [log], codec: "json", poll_interval: years },
      posted: { type: "http_server", listen: "127.0.0.1:0", timeout: years, idle_timeout: years },
      messages: { type: "websocket_server", listen: "127.0.0.1:0", ping_interval: years, idle_timeout: years },
    },
    transforms: { fresh: { type: "new_terms", inputs: ["log"], fields: ["user"], window: years } },
    sinks: {
      sent: { type: "http", inputs: ["fresh", "posted", "messages"], url, retry, timeout: years },
      all: {
        type: "file",
        inputs: ["log"],
        path: join(folder, "out.ndjson"),
        rotate: { every: years },
        timeout: years,
      },
    },
  });
  const args = ["run", pipeline, "--data-dir", join(folder, "data"), "--drain", years];
  const weir = startWeir(args);
  await until(() => users.length === 1 || !weir.isAlive);
  const ended = await weir.stop("SIGTERM");
  expect(ended.code).toBe(0);
  expect(users).toEqual(["ann"]);
  expect(ended.log.filter(({ level }) => !["info", "warn"].includes(level))).toEqual([]);
});
