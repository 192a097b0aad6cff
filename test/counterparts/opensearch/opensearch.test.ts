import { appendFileSync, copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { expectConservation } from "../../end-to-end/conservation.ts";
import { pipelineFile, readStats, root, runWeir, startWeir, temporaryFolder } from "../../end-to-end/weir.ts";
import { readDeadLetters } from "../../kill/dead-letters.ts";
import { Random } from "../../kill/random.ts";
import { hasOpenSearch, startOpenSearch } from "./node.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

interface Hit {
  readonly _id: string;
  readonly _source: Readonly<Record<string, unknown>>;
}

interface IndexMapping {
  readonly mappings: { readonly properties: { readonly source: { readonly properties: { readonly ip: unknown } } } };
}

describe.skipIf(!hasOpenSearch)("a real OpenSearch", () => {
  let url = "";
  beforeAll(async () => {
    const node = await startOpenSearch();
    url = node.url;
    return node.stop;
  }, 180_000);

  const ask = async <Answer>(path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${url}/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    expect(response.status, path).toBe(200);
    return (await response.json()) as Answer;
  };
  const search = async (index: string, query: unknown) => {
    await ask(`${index}/_refresh`, {});
    const asked = { query, size: 10_000, track_total_hits: true };
    const { hits } = await ask<{ readonly hits: { readonly hits: readonly Hit[] } }>(`${index}/_search`, asked);
    return hits.hits;
  };
  /** Runs a pipeline whose source ends. */
  const toTheEnd = (pipeline: string, folder: string, ...more: readonly string[]) =>
    runWeir(["run", pipeline, "--data-dir", join(folder, "data"), ...more]);

  it("has each alert once, also after a kill, and an analyst finds it", async () => {
    const folder = temporaryFolder();
    const log = join(folder, "audit.log");
    copyFileSync(join(root, "examples/audit-sample.log"), log);
    const pipelineWith = (source: object, name: string) =>
      pipelineFile(
        folder,
        {
          sources: { audit: { type: "file", include: [log], ...source } },
          transforms: {
            ecs: { type: "kubernetes_audit", inputs: ["audit"] },
            detect: {
              type: "detection",
              inputs: ["ecs"],
              rules: ["kubernetes_secret_access_unusual_user_agent"],
            },
          },
          sinks: {
            alerts: {
              type: "elasticsearch",
              inputs: ["detect"],
              url,
              index: "alerts-weir-default",
              index_template: "alerts",
              compression: "gzip",
              batch: { max_events: 2 },
            },
          },
        },
        name,
      );
    const killed = startWeir(["run", pipelineWith({}, "follow.yaml"), "--data-dir", join(folder, "data")]);
    await killed.said("running");
    await sleep(100);
    await killed.stop("SIGKILL");
    const { code } = await toTheEnd(pipelineWith({ follow: false }, "end.yaml"), folder);
    expect(code).toBe(0);
    const all = await search("alerts-weir-default", { match_all: {} });
    expect(all.length).toBe(8);
    for (const { _id, _source } of all) expect(_source["kibana.alert.uuid"]).toBe(_id);
    const found = await search("alerts-weir-default", {
      query_string: {
        query:
          'kibana.alert.rule.name:"Kubernetes Secret Access via Unusual User Agent" AND user.name:ines.moreau AND source.ip:"192.0.2.0/24" AND kibana.alert.reason.text:secrets AND @timestamp:[now-1d TO now]',
      },
    });
    expect(found.length).toBe(1);
    const [index] = Object.values(await ask<Record<string, IndexMapping>>("alerts-weir-default/_mapping"));
    expect(index?.mappings.properties.source.properties.ip).toEqual({ type: "ip" });
  }, 120_000);

  it("refuses what does not fit, which goes to the dead letter with its reason; the others arrive", async () => {
    const folder = temporaryFolder();
    const lines = join(folder, "lines.ndjson");
    writeFileSync(
      lines,
      [
        { "@timestamp": "2026-03-01T00:00:00Z", n: 1, where: "There" },
        { "@timestamp": "2026-03-01T00:00:00Z", n: "no number", where: "there" },
        { "@timestamp": "2026-03-01T00:00:00Z", n: 3, where: "so/mewhere" },
        { "@timestamp": "2026-03-01T00:00:00Z", n: 4 },
        { "@timestamp": "2026-03-01T00:00:00Z", n: 5, where: "there" },
      ]
        .map((event) => `${JSON.stringify(event)}\n`)
        .join(""),
    );
    const pipeline = pipelineFile(folder, {
      sources: { in: { type: "file", include: [lines], codec: "json", follow: false } },
      sinks: { out: { type: "elasticsearch", inputs: ["in"], url: `${url}/`, index: "plain-{{ where }}" } },
    });
    expect((await toTheEnd(pipeline, folder)).code).toBe(0);
    expect((await search("plain-there", { match_all: {} })).map(({ _source }) => _source["n"]).sort()).toEqual([1, 5]);
    const letters = readDeadLetters(join(folder, "data")) as unknown as readonly {
      readonly head: { readonly message: string };
      readonly data: { readonly n: unknown };
    }[];
    const why = Object.fromEntries(letters.map(({ head, data }) => [String(data.n), head.message]));
    expect(why["no number"]).toMatch(
      /refused the event \(400\): .*failed to parse field \[n\] of type \[long\].*no number/,
    );
    expect(why["3"]).toContain('"plain-so/mewhere" cannot be the name of an index');
    expect(why["4"]).toContain('"where" has no value');
  }, 120_000);

  it(`has each event once after many kills, seed ${seed}`, async () => {
    const folder = temporaryFolder();
    const random = new Random(seed);
    const [lines, stats] = [join(folder, "lines.ndjson"), join(folder, "stats.json")];
    const sinks = {
      out: {
        type: "elasticsearch",
        inputs: ["in"],
        url,
        index: `logs-killed${seed}-default`,
        index_template: "alerts",
        batch: { max_events: 50, timeout: "5ms" },
      },
    };
    const source = { type: "file", include: [lines], codec: "json" };
    const pipeline = pipelineFile(folder, { sources: { in: source }, sinks });
    let count = 0;
    const write = (events: number) => {
      const more = Array.from({ length: events }, () => ({ "@timestamp": "2026-03-01T00:00:00Z", n: count++ }));
      appendFileSync(lines, more.map((event) => `${JSON.stringify(event)}\n`).join(""));
    };
    for (let kill = 0; kill < (isLong ? 30 : 3); kill++) {
      write(random.between(100, 600));
      const weir = startWeir(["run", pipeline, "--data-dir", join(folder, "data")]);
      await weir.said("running");
      await sleep(random.between(0, 600));
      await weir.stop("SIGKILL");
    }
    write(10);
    const last = pipelineFile(folder, { sources: { in: { ...source, follow: false } }, sinks }, "last.yaml");
    expect((await toTheEnd(last, folder, "--stats", stats)).code).toBe(0);
    expectConservation(readStats(stats));
    const found = (await search(`logs-killed${seed}-default`, { match_all: {} })).map(({ _source }) =>
      Number(_source["n"]),
    );
    expect(found.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n));
  }, 300_000);
});
