import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { freePort } from "../../end-to-end/free-port.ts";
import { temporaryFolder } from "../../end-to-end/weir.ts";
import { Random } from "../../kill/random.ts";
import { linesFor, readOf, start, termsOf } from "../histories/audit.ts";
import { Collector } from "../histories/collector.ts";
import { groupsOf } from "../histories/groups.ts";
import { until } from "../histories/until.ts";
import { rounds, Scenario, type Size } from "./scenario.ts";
import { hasServer, Server } from "./server.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const day = 24 * 3_600_000;

/** One run in ten is large. */
const runs = isLong ? 100 : 10;
/** How many runs there are at the same time. They share a server, and its restarts. */
const together = 4;
const large: Size = { events: 50_000, combinations: 5_000, collectors: 4 };
const sizeOf = (run: number, random: Random): Size => {
  if (run % 10 === 0) return large;
  const events = random.between(2_000, 6_000);
  return { events, combinations: Math.floor(events / 10), collectors: random.between(2, 4) };
};

describe.skipIf(!hasServer)("several collectors with one history in Valkey", () => {
  it.each(groupsOf(runs, together))(
    `raise the alerts of one that gets everything, whoever is killed or stands still, seed ${seed}, runs $first to $last`,
    async ({ first, last }) => {
      const server = await Server.start();
      const scenarios = Array.from({ length: last - first + 1 }, (_, index) => {
        const random = new Random(seed, first + index);
        return new Scenario(server.url, random, `run-${first + index}`, sizeOf(first + index, random));
      });
      for (const scenario of scenarios) scenario.begin();
      const random = new Random(seed, -1 - first);
      const restart = random.between(0, rounds - 1);
      for (let round = 0; round < rounds; round++) {
        const delay = random.between(0, 500);
        const restarted = round === restart ? sleep(delay).then(() => server.restart(delay)) : Promise.resolve();
        await Promise.all(scenarios.map((scenario) => scenario.round(round, restarted)));
      }
      for (const line of await Promise.all(scenarios.map((scenario) => scenario.finish()))) console.log(line);
      server.kill();
    },
    600_000,
  );

  it(`raise one alert for each combination, whoever is killed, seed ${seed}`, async () => {
    const random = new Random(seed);
    const server = await Server.start();
    const folder = temporaryFolder();
    const count = 3;
    const nodes = Array.from(
      { length: count },
      (_, index) => new Collector(folder, `node${index}`, { type: "valkey", url: server.url }),
    );
    const combinations = 500;
    const phases = isLong ? 5 : 2;
    let seen = 0;
    for (const node of nodes) node.run();
    for (let phase = 0; phase < phases; phase++) {
      // All times are within the disorder that is allowed for, and the window is over before the next phase. None is in the future.
      const from = start - (phases - phase) * 8 * day;
      const events = isLong ? 20_000 : 3_000;
      const { of } = linesFor(random, { events, combinations, collectors: count, from, span: 50_000 });
      const rounds = isLong ? 20 : 4;
      for (let round = 0; round < rounds; round++) {
        for (const [index, lines] of of.entries()) {
          const part = lines.slice((round * lines.length) / rounds, ((round + 1) * lines.length) / rounds);
          nodes[index]!.write(...part);
        }
        await sleep(random.between(0, 1_200));
        const restarting = round % 2 === 1 ? server.restart(random.between(0, 500)) : undefined;
        const victim = nodes[random.between(0, count - 1)]!;
        await victim.end("SIGKILL");
        victim.run();
        await restarting;
      }
      const ids = () => new Set(nodes.flatMap(({ alerts }) => alerts.map(({ id }) => id)));
      await until(() => ids().size >= seen + combinations);
      seen += combinations;
    }
    // What is left of the logs brings nothing more.
    await sleep(2_000);
    await Promise.all(nodes.map((node) => node.end("SIGTERM")));
    const all = nodes.map(({ alerts }) => alerts);
    for (const alerts of all) expect(new Set(alerts.map(({ id }) => id)).size).toBe(alerts.length);
    const byId = new Map(all.flat().map(({ id, terms }) => [id, terms]));
    for (const { id, terms } of all.flat()) expect(byId.get(id)).toBe(terms);
    const expected = Array.from({ length: combinations }, (_, combination) => termsOf(combination));
    expect([...byId.values()].sort()).toEqual(
      Array.from({ length: phases }, () => expected)
        .flat()
        .sort(),
    );
  }, 900_000);

  it("are told of a server that can lose what it has answered", async () => {
    const server = await Server.start(["--appendfsync", "everysec"]);
    const node = new Collector(temporaryFolder(), "node", { type: "valkey", url: server.url });
    const weir = node.run();
    expect(
      await weir.said('can lose its last seconds in a crash (appendfsync is "everysec"): what it loses counts as new'),
    ).toBe(true);
    await node.end("SIGTERM");
  });

  it("wait while it is away, say so, and lose nothing", async () => {
    const server = await Server.start();
    const folder = temporaryFolder();
    const node = new Collector(folder, "node", { type: "valkey", url: server.url });
    const port = await freePort();
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return [response.status, await response.text()] as const;
    };
    server.kill();
    const write = (combination: number) => node.write(readOf(`a${combination}`, combination, start));
    write(1);
    const weir = node.run(["--listen", `127.0.0.1:${port}`]);
    expect(
      await weir.said("nothing is listening there (ECONNREFUSED); weir retries, and reads no events until it succeeds"),
    ).toBe(true);
    expect((await get("/ready"))[0]).toBe(503);
    await server.run();
    await until(() => node.alerts.length === 1);
    await until(async () => (await get("/ready"))[0] === 200);
    server.kill();
    write(1);
    write(2);
    await weir.said("events wait, and it is tried again until there is an answer");
    await until(async () => (await get("/ready"))[1].includes("Valkey at 127.0.0.1"));
    expect((await get("/metrics"))[1]).toMatch(/retries_total\{[^}]*"detect"[^}]*\} [1-9]/);
    // A stop does not wait for it, and what has no answer is read again.
    await node.end("SIGTERM");
    expect(node.alerts).toHaveLength(1);
    node.run();
    await server.run();
    await until(() => node.alerts.length === 2);
    await node.end("SIGTERM");
    expect(node.alerts.map(({ terms }) => terms)).toEqual([termsOf(1), termsOf(2)]);
  });
});
