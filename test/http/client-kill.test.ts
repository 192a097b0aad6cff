import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { expectConservation } from "../end-to-end/conservation.ts";
import { pipelineFile, readStats, startWeir, temporaryFolder, type Weir } from "../end-to-end/weir.ts";
import { GrownLines } from "../kill/grown-lines.ts";
import { Random } from "../kill/random.ts";
import { faulty } from "./page-faults.ts";
import { cursorPages, linkPages, pagesServer } from "./pages-server.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const kills = isLong ? 30 : 3;

/** An alert tells the id of the event that it was made of. */
const rule = {
  version: 1,
  id: "6f2d7f6e-52a4-4c3e-8f57-1f0a3b7c9d03",
  title: "Anything",
  description: "For the kill test.",
  type: "query",
  query: "n:*",
  severity: "low",
  risk_score: 1,
  created: "2026-07-01",
  license: "Apache-2.0",
};

/** What came out of one source, by the number in the event. */
class Arrivals {
  readonly ids = new Map<number, Set<string>>();
  repeats = 0;
  readonly #file: GrownLines;

  constructor(path: string) {
    this.#file = new GrownLines(path);
  }

  look(): this {
    this.#file.read((line) => {
      const { n, "kibana.alert.ancestors": ancestors } = JSON.parse(line);
      const ids = this.ids.get(n) ?? new Set();
      if (ids.size > 0) this.repeats++;
      this.ids.set(n, ids.add(ancestors[0].id));
    });
    return this;
  }
}

/** Two servers whose pages grow while they are read; one of the second has no room in its outbox, so it is committed in parts. */
const feeds = {
  cursor: { pages: cursorPages, size: 40, lead: 1_000 },
  link: { pages: linkPages, size: 1_000, lead: 2_000 },
};
type Feed = keyof typeof feeds;

it(`L1: ${kills} kills while pages are fetched, that grow, and from servers with faults: seed ${seed}`, async () => {
  const random = new Random(seed);
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  writeFileSync(path("rule.yaml"), JSON.stringify(rule));
  const written: Record<Feed, number[]> = { cursor: [], link: [] };
  const counts = new Map<string, number>();
  let chance = 0;
  const urlOf = async (feed: Feed) => {
    const { pages, size } = feeds[feed];
    const server = await pagesServer(faulty(pages(written[feed], size), { random, chance: () => chance, counts }));
    return server.url;
  };
  const polled = { type: "http_client", interval: "5ms", backoff: { initial: "20ms", max: "100ms" } };
  const alert = { type: "alert", rule: path("rule.yaml") };
  const pipeline = pipelineFile(folder, {
    sources: {
      cursor: {
        ...polled,
        url: await urlOf("cursor"),
        cursor: { param: "after", field: "meta.next" },
        records: "data.events",
      },
      link: { ...polled, url: await urlOf("link") },
    },
    transforms: { a: { ...alert, inputs: ["cursor"] }, b: { ...alert, inputs: ["link"] } },
    sinks: {
      cursor_out: { type: "file", inputs: ["a"], path: path("cursor.ndjson") },
      link_out: { type: "file", inputs: ["b"], path: path("link.ndjson"), buffer: { max_size: "1MiB" } },
    },
  });
  const start = () => startWeir(["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json")]);
  const arrivals = { cursor: new Arrivals(path("cursor.ndjson")), link: new Arrivals(path("link.ndjson")) };
  const isBehind = (feed: Feed) => arrivals[feed].look().ids.size < written[feed].length;

  const write = (feed: Feed, count: number) => {
    for (let left = count; left > 0; left--) written[feed].push(written[feed].length);
  };
  // The last page of `link` is full: one that grows is another page with every look.
  const grow = () => {
    for (const [feed, count] of [
      ["cursor", random.between(0, 60)],
      ["link", random.chance(0.1) ? feeds.link.size : 0],
    ] as const)
      if (written[feed].length - arrivals[feed].look().ids.size < feeds[feed].lead) write(feed, count);
  };
  /** Waits until a page of `link` has come out in part. */
  const inPage = async (weir: Weir) => {
    for (let waited = 0; waited < 500 && weir.isAlive; waited++) {
      if (arrivals.link.look().ids.size % feeds.link.size > 0) return;
      await sleep(1);
    }
  };
  const growing = setInterval(grow, 5);
  let atWork = 0;
  try {
    for (let kill = 0; kill < kills; kill++) {
      chance = kill < kills / 2 ? 0 : 0.3;
      const weir = start();
      if (random.chance(0.9)) await weir.said("running");
      if (random.chance(0.5)) await sleep(random.between(0, 250));
      else await inPage(weir);
      if (isBehind("cursor") || isBehind("link")) atWork++;
      expect(await weir.stop("SIGKILL")).toMatchObject({ signal: "SIGKILL" });
    }
  } finally {
    clearInterval(growing);
  }

  const last = start();
  for (let waited = 0; (isBehind("cursor") || isBehind("link")) && last.isAlive && waited < 20_000; waited += 20)
    await sleep(20);
  expect(await last.stop("SIGTERM")).toMatchObject({ code: 0 });
  expectConservation(readStats(path("stats.json")));
  for (const feed of ["cursor", "link"] as const) {
    const { ids } = arrivals[feed].look();
    expect(written[feed].filter((n) => !ids.has(n)).slice(0, 5), `lost of ${feed}`).toEqual([]);
    expect(ids.size).toBe(written[feed].length);
    const renamed = [...ids].filter(([, names]) => names.size > 1);
    expect(renamed.slice(0, 2), `repeated under another id by ${feed}`).toEqual([]);
    expect(new Set([...ids.values()].flatMap((names) => [...names])).size).toBe(ids.size);
  }
  const summary = Object.entries(arrivals).map(
    ([feed, { ids, repeats }]) => `${ids.size} of ${feed}, ${repeats} repeats`,
  );
  const went = [...counts].map(([name, count]) => `${name} ${count}`).join(", ");
  console.log(`seed ${seed}: ${kills} kills, ${atWork} with more to do; ${summary.join("; ")}; faults: ${went}`);
}, 300_000);
