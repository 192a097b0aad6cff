import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import redis from "../../../plugins/sinks/redis/index.ts";
import { Template } from "../../../src/template/template.ts";
import { delivery, openSink } from "../../../src/testing/sink.ts";
import { type Receiver, sinkChecks } from "../../../src/testing/sink-checks.ts";
import { expectConservation } from "../../end-to-end/conservation.ts";
import { pipelineFile, readStats, runWeir, startWeir, temporaryFolder } from "../../end-to-end/weir.ts";
import { Random } from "../../kill/random.ts";
import { FaultyRelay, relayFaults } from "./faulty-relay.ts";
import { rightsIn } from "./rights.ts";
import { hasServer, Server } from "./server.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const page = "docs/reference/sinks/redis.md";

describe.skipIf(!hasServer)("the sink redis with a real server", () => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start();
  });

  /** What a server answers to a command. */
  const ask = (...command: readonly string[]) =>
    server.with((client) => client.sendCommand<unknown>([...command])) as Promise<readonly unknown[]>;
  /** The entries of a stream: their fields. */
  const entries = async (key: string, of = server): Promise<readonly Readonly<Record<string, string>>[]> =>
    (
      (await of.with((client) => client.sendCommand<unknown>(["XRANGE", key, "-", "+"]))) as readonly (readonly [
        string,
        readonly string[],
      ])[]
    ).map(([, texts]) =>
      Object.fromEntries(texts.flatMap((text, index) => (index % 2 ? [] : [[text, texts[index + 1]!]]))),
    );
  const numberIn = (event: string): number => (JSON.parse(event) as { readonly n: number }).n;
  const numbers = async (key: string, of = server): Promise<readonly number[]> =>
    (await entries(key, of)).map(({ event }) => numberIn(event!));

  const defaults = { data_type: "stream", event_field: "event", id_field: "id", fields: {}, tls: {} };
  const open = (key: string, more: object = {}, recorded?: { readonly writer: string; readonly position: number }) =>
    openSink(redis, { config: { ...defaults, url: server.url, key: new Template(key), ...more }, recorded });
  const events = (count: number, from = 0) =>
    Array.from({ length: count }, (_, n) => delivery({ n: from + n }, `in/s@${from + n}`));

  it("has the events of a run: in streams by key, with fields, in lists, and of limited length", async () => {
    const folder = temporaryFolder();
    const lines = join(folder, "lines.ndjson");
    const data = Array.from({ length: 400 }, (_, n) => ({ n, team: n % 2 ? "é b" : "a" }));
    writeFileSync(lines, data.map((event) => `${JSON.stringify(event)}\n`).join(""));
    const sink = { type: "redis", inputs: ["in"], url: `${server.url}/0` };
    const pipeline = pipelineFile(folder, {
      sources: { in: { type: "file", include: [lines], codec: "json", follow: false } },
      sinks: {
        streams: { ...sink, key: "run:{{ team }}", fields: { team: "{{ team }}" } },
        short: { ...sink, key: "run:short", max_length: 100 },
        right: { ...sink, key: "run:right", data_type: "list", max_length: 30 },
        left: { ...sink, key: "run:left", data_type: "list", list_command: "LPUSH" },
      },
    });
    const { code, log } = await runWeir(["run", pipeline, "--data-dir", join(folder, "data")]);
    expect(log.filter(({ level }) => level === "error" || level === "warn")).toEqual([]);
    expect(code).toBe(0);
    const inB = await entries("run:é b");
    expect(inB.length).toBe(200);
    expect(inB[0]).toEqual({ event: '{"n":1,"team":"é b"}', id: expect.stringMatching(/^in\/.*@19$/), team: "é b" });
    expect(await numbers("run:a")).toEqual(data.flatMap(({ n }) => (n % 2 ? [] : [n])));
    const short = await numbers("run:short");
    expect([short.at(-1), short.length < 300]).toEqual([399, true]);
    expect(await ask("LRANGE", "run:right", "0", "0")).toEqual(['{"n":370,"team":"a"}']);
    expect(await ask("LRANGE", "run:left", "0", "0")).toEqual(['{"n":399,"team":"é b"}']);
    expect(await ask("LLEN", "run:left")).toBe(400);
  });

  const receives = async (): Promise<Receiver> => {
    const own = await Server.start();
    return {
      config: { ...defaults, url: own.url, key: new Template("laws") },
      received: async () => (await entries("laws", own)).map(({ event }) => JSON.parse(event!) as unknown),
      refuse: () => own.with(async (client) => void (await client.sendCommand(["CONFIG", "SET", "maxmemory", "1"]))),
      accept: () => own.with(async (client) => void (await client.sendCommand(["CONFIG", "SET", "maxmemory", "0"]))),
      stall: () => own.with(async (client) => void (await client.sendCommand(["CLIENT", "PAUSE", "20000", "ALL"]))),
      close: () => own.kill(),
    };
  };
  const laws = { name: "a stream", arrange: receives, events: [{ n: 1 }, { n: 2, text: "é\u2028" }, { n: 3 }] };
  for (const { name, run } of sinkChecks(redis, [laws])) it(`keeps the laws of sinks: ${name}`, run);

  it("publishes to a channel", async () => {
    const received: string[] = [];
    await server.with(async (client) => {
      await client.subscribe("news:a", (message) => received.push(message));
      const sink = await open("news:{{ team }}", { data_type: "channel" });
      await sink.write([delivery({ team: "a" }), delivery({ team: "b" })]);
      for (let waited = 0; received.length < 1 && waited < 5_000; waited += 10) await sleep(10);
      await sink.close();
    });
    expect(received).toEqual(['{"team":"a"}']);
  });

  it("leaves out what is there, however it is divided, and nothing else", async () => {
    const place = { writer: "here", position: 100 };
    const first = await open("again", {}, place);
    await first.write(events(50));
    await first.close();
    // A crash before anything was recorded.
    const second = await open("again", {}, place);
    await second.write(events(7));
    await second.write(events(53, 7));
    await second.close();
    expect(await numbers("again")).toEqual(Array.from({ length: 60 }, (_, n) => n));
    // The same places in another data dir, and other events at the same places, after a database was lost.
    for (const writer of ["there", "here"]) {
      const other = await open("again", {}, { ...place, writer });
      await other.write(events(5, 1_000));
      await other.close();
    }
    expect((await numbers("again")).length).toBe(70);
  });

  it("keeps names only of events that may come again", async () => {
    const sink = await open("many");
    for (let part = 0; part < 25; part++) await sink.write(events(1_000, part * 1_000));
    await sink.close();
    expect((await numbers("many")).length).toBe(25_000);
    const [names] = (await ask("KEYS", "{many}:weir:*")) as readonly string[];
    expect(await ask("ZCARD", names!)).toBeLessThanOrEqual(10_000);
    expect(Number(await ask("TTL", names!))).toBeGreaterThan(600_000);
  });

  it("a key of another type holds up the others only if it is fixed", async () => {
    await ask("SET", "kind:text", "x");
    const chosen = await open("kind:{{ kind }}");
    const both = [delivery({ kind: "text" }), delivery({ kind: "stream", n: 1 })];
    expect(await chosen.write(both)).toMatchObject({
      failed: [
        { index: 0, final: true, message: expect.stringContaining('the key "kind:text" holds a value of another') },
      ],
    });
    await chosen.close();
    expect(await numbers("kind:stream")).toEqual([1]);
    const fixed = await open("kind:text");
    await expect(fixed.write(events(1))).rejects.toThrow("remove it, or name another key (WRONGTYPE)");
    await ask("DEL", "kind:text");
    expect(await fixed.write(events(1))).toMatchObject({ failed: [] });
    await fixed.close();
  });

  it("waits while the server has no memory, and goes on when it has", async () => {
    const sink = await open("memory");
    await ask("CONFIG", "SET", "maxmemory", "1");
    await expect(sink.write(events(10))).rejects.toThrow("raise its maxmemory (OOM)");
    await ask("CONFIG", "SET", "maxmemory", "0");
    await sink.write(events(10));
    await sink.close();
    expect(await numbers("memory")).toEqual(events(10).map((_, n) => n));
  });

  it("waits while the server is a replica, and loads its script again", async () => {
    const sink = await open("replica");
    await sink.write(events(1));
    await ask("REPLICAOF", "127.0.0.1", "1");
    await expect(sink.write(events(1, 1))).rejects.toThrow("it is a replica");
    await ask("REPLICAOF", "NO", "ONE");
    await sink.write(events(1, 1));
    await ask("SCRIPT", "FLUSH");
    await expect(sink.write(events(1, 2))).rejects.toThrow("(NOSCRIPT)");
    await sink.write(events(1, 2));
    await sink.close();
    expect(await numbers("replica")).toEqual([0, 1, 2]);
  });

  it.each([
    ["memory", ["CONFIG", "SET", "maxmemory", "1"], ["CONFIG", "SET", "maxmemory", "0"], "(OOM)"],
    ["a primary", ["REPLICAOF", "127.0.0.1", "1"], ["REPLICAOF", "NO", "ONE"], "it is a replica"],
  ])("publishes nothing while the server lacks %s: it could not keep the names", async (_, lose, gain, message) => {
    const received: string[] = [];
    await server.with(async (client) => {
      await client.subscribe("lacking", (text) => received.push(text));
      const sink = await open("lacking", { data_type: "channel" });
      await ask(...lose);
      for (let tries = 0; tries < 3; tries++) await expect(sink.write(events(2))).rejects.toThrow(message);
      await ask(...gain);
      await sink.write(events(2));
      for (let waited = 0; received.length < 2 && waited < 5_000; waited += 10) await sleep(10);
      await sink.close();
    });
    expect(received.map(numberIn)).toEqual([0, 1]);
  });

  it("writes nothing that it has no right to keep the name of", async () => {
    await ask("ACL", "SETUSER", "half", ...rightsIn(page), "-zadd");
    const sink = await open("alerts:half", { username: "half", password: "secret" });
    for (let tries = 0; tries < 3; tries++) await expect(sink.write(events(2))).rejects.toThrow("(NOPERM)");
    await ask("ACL", "SETUSER", "half", "+zadd");
    await sink.write(events(2));
    await sink.close();
    expect(await numbers("alerts:half")).toEqual([0, 1]);
  });

  it("needs the rights on its page, and no others", async () => {
    await ask("ACL", "SETUSER", "weir", ...rightsIn(page));
    const user = { username: "weir", password: "secret" };
    const sink = await open("{{ key }}", user);
    const [good, bad] = ["alerts:x", "other"].map((key) => delivery({ key }));
    expect(await sink.write([good!, bad!])).toMatchObject({
      failed: [
        { index: 1, final: true, message: expect.stringContaining('the key "other" is not permitted for the user') },
      ],
    });
    await sink.close();
    const log = [] as string[];
    const warn = (message: string) => void log.push(message);
    const context = { config: { ...defaults, ...user, url: server.url, key: new Template("alerts") }, log: { warn } };
    const { signal } = new AbortController();
    await ask("CONFIG", "SET", "appendonly", "no");
    await redis.check?.({ ...context, signal } as never);
    await ask("CONFIG", "SET", "appendonly", "yes");
    expect(log).toEqual([expect.stringContaining("has appendonly off: what it loses in a crash is lost")]);
    const wrong = await open("alerts", { ...user, password: "no" });
    await expect(wrong.write(events(1))).rejects.toThrow("(WRONGPASS)");
    await wrong.close();
  });

  it("is reached by a Unix socket, in a database", async () => {
    const path = join(temporaryFolder(), "redis.sock");
    const local = await Server.start(["--unixsocket", path]);
    const sink = await open("socket", { url: `unix://${path}?db=3` });
    await sink.write(events(2));
    await sink.close();
    const length = await local.with(async (client) => {
      await client.select(3);
      return client.sendCommand(["XLEN", "socket"]);
    });
    expect(length).toBe(2);
    const none = await open("socket", { url: `unix://${path}x` });
    await expect(none.write(events(1))).rejects.toThrow("the socket does not exist (ENOENT)");
  });

  it(`L1: has each event once after kills of weir and of the server, and faults between, seed ${seed}`, async () => {
    const folder = temporaryFolder();
    const random = new Random(seed);
    const own = await Server.start();
    const relay = new FaultyRelay(own.port, new Random(seed, 1));
    const [lines, stats] = [join(folder, "lines.ndjson"), join(folder, "stats.json")];
    const source = { type: "file", include: [lines], codec: "json", poll_interval: "20ms" };
    const delivered = {
      inputs: ["in"],
      url: await relay.start(),
      health_check: false,
      timeout: "500ms",
      retry: { initial: "5ms", max: "50ms" },
      batch: { max_events: 40, timeout: "20ms" },
    };
    const sinks = {
      streams: { type: "redis", key: "killed:{{ team }}", ...delivered },
      list: { type: "redis", key: "killed-list", data_type: "list", ...delivered },
    };
    const pipeline = pipelineFile(folder, { sources: { in: source }, sinks });
    const args = ["run", pipeline, "--data-dir", join(folder, "data")];
    let count = 0;
    const write = (more: number) => {
      const texts = Array.from({ length: more }, () => ({ n: count++, team: "abc"[random.between(0, 2)] }));
      appendFileSync(lines, texts.map((event) => `${JSON.stringify(event)}\n`).join(""));
    };
    for (let kill = 0; kill < (isLong ? 40 : 6); kill++) {
      write(random.between(20, 200));
      const weir = startWeir(args);
      await weir.said("running");
      const restarting = kill % 2 ? own.restart(random.between(0, 300)) : undefined;
      for (let part = 0; part < 5; part++) {
        await sleep(random.between(0, 150));
        write(random.between(0, 30));
      }
      await weir.stop("SIGKILL");
      await restarting;
    }
    const weir = startWeir(args);
    await weir.said("running");
    for (let waited = 0; relay.counts.size < relayFaults.length && waited < 20_000; waited += 50) {
      write(3);
      await sleep(50);
    }
    relay.end();
    await weir.stop("SIGTERM");
    const last = pipelineFile(folder, { sources: { in: { ...source, follow: false } }, sinks }, "last.yaml");
    expect((await runWeir(["run", last, "--data-dir", join(folder, "data"), "--stats", stats])).code).toBe(0);
    expectConservation(readStats(stats));
    const all = Array.from({ length: count }, (_, n) => n);
    const inStreams = await Promise.all(["a", "b", "c"].map((team) => numbers(`killed:${team}`, own)));
    const list = await own.with((client) => client.lRange("killed-list", 0, -1));
    // In order, and each of them once.
    for (const stream of inStreams) expect(stream).toEqual(stream.toSorted((a, b) => a - b));
    expect(inStreams.flat().sort((a, b) => a - b)).toEqual(all);
    expect(list.map(numberIn)).toEqual(all);
    expect([...relay.counts.keys()].sort()).toEqual([...relayFaults].sort());
  }, 300_000);
});
