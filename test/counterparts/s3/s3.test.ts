import { spawnSync } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { encoded, signed } from "../../../plugins/sinks/s3/sign.ts";
import { expectConservation } from "../../end-to-end/conservation.ts";
import { pipelineFile, readStats, runWeir, startWeir, temporaryFolder } from "../../end-to-end/weir.ts";
import { Random } from "../../kill/random.ts";
import { FaultyProxy, uploadFaults } from "./faulty-proxy.ts";
import { hasMoto, python, startMoto } from "./moto.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

describe.skipIf(!hasMoto)("a server of S3", () => {
  let url = "";
  beforeAll(async () => {
    const server = await startMoto();
    url = server.url;
    return server.stop;
  }, 60_000);

  /** Requests of a user; the server does not look at the signature. */
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const authorization = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request";
    const answer = await fetch(`${url}/${path}`, { ...init, headers: { authorization } });
    expect(answer.status, path).toBe(200);
    return answer;
  };
  const makeBucket = (name: string) => ask(name, { method: "PUT" });
  /** The lines of all objects in a bucket, by key. */
  const linesIn = async (bucket: string): Promise<ReadonlyMap<string, readonly string[]>> => {
    const list = await (await ask(`${bucket}?list-type=2&max-keys=1000`)).text();
    expect(list).toContain("<IsTruncated>false</IsTruncated>");
    const keys = [...list.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => key!);
    const entries = keys.map(async (key) => {
      const raw = Buffer.from(await (await ask(`${bucket}/${encoded(key)}`)).arrayBuffer());
      // fetch undoes the Content-Encoding that the object has, unless it does not know it.
      const bytes = raw[0] === 0x1f ? gunzipSync(raw) : raw[0] === 0x28 ? zstdDecompressSync(raw) : raw;
      return [key, bytes.toString().trimEnd().split("\n")] as const;
    });
    return new Map(await Promise.all(entries));
  };

  const sinkTo = (endpoint: string, bucket: string, more: object = {}) => ({
    type: "s3",
    inputs: ["in"],
    bucket,
    endpoint,
    region: "eu-central-1",
    auth: { access_key_id: "AKID", secret_access_key: "secret" },
    ...more,
  });

  it("has objects by time and key, in each compression, when a run has ended", async () => {
    const folder = temporaryFolder();
    const lines = join(folder, "lines.ndjson");
    const data = [
      { "@timestamp": "2026-03-01T00:00:00Z", n: 1, team: "a/ä b" },
      { "@timestamp": "2026-03-02T00:00:00Z", n: 2, team: "b" },
      { "@timestamp": "2026-03-01T12:00:00Z", n: 3, team: "a/ä b" },
      { "@timestamp": "2026-03-01T12:00:00Z", n: 4 },
    ];
    writeFileSync(lines, data.map((event) => `${JSON.stringify(event)}\n`).join(""));
    await makeBucket("kinds");
    const kinds = ["none", "gzip", "zstd"];
    const pipeline = pipelineFile(folder, {
      sources: { in: { type: "file", include: [lines], codec: "json", follow: false } },
      sinks: Object.fromEntries(
        kinds.map((compression) => [
          compression,
          sinkTo(url, "kinds", { compression, key_prefix: `${compression}/{{ team }}/%F/` }),
        ]),
      ),
    });
    expect((await runWeir(["run", pipeline, "--data-dir", join(folder, "data")])).code).toBe(0);
    const found = [...(await linesIn("kinds"))].map(([key, held]) => [
      key.replace(/[0-9a-f]{8}-(\d{12})-[0-9a-f]{8}/, "$1"),
      held.map((line) => (JSON.parse(line) as { readonly n: number }).n),
    ]);
    const expected = kinds.flatMap((kind) => {
      const ending = { none: "", gzip: ".gz", zstd: ".zst" }[kind];
      return [
        [`${kind}/a_ä b/2026-03-01/000000000000.ndjson${ending}`, [1, 3]],
        [`${kind}/b/2026-03-02/000000000001.ndjson${ending}`, [2]],
      ];
    });
    expect(found.sort()).toEqual(expected.sort());
  }, 120_000);

  it("lends credentials to a web identity", async () => {
    const folder = temporaryFolder();
    const token = join(folder, "token");
    writeFileSync(token, "header.payload.signature\n");
    await makeBucket("identity");
    const { auth: _, ...sink } = sinkTo(url, "identity");
    const pipeline = pipelineFile(folder, {
      sources: { in: { type: "stdin", codec: "json" } },
      sinks: { out: sink },
    });
    const environment = {
      AWS_WEB_IDENTITY_TOKEN_FILE: token,
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/weir",
      AWS_ENDPOINT_URL_STS: url,
      AWS_ACCESS_KEY_ID: "",
      AWS_SECRET_ACCESS_KEY: "",
    };
    const args = ["run", pipeline, "--data-dir", join(folder, "data")];
    const { code, log } = await runWeir(args, { input: '{"n":1}\n', environment });
    expect(log.filter(({ level }) => level === "error" || level === "warn")).toEqual([]);
    expect(code).toBe(0);
    expect([...(await linesIn("identity")).values()]).toEqual([['{"n":1}']]);
  }, 120_000);

  it(`L1: has each event once after many kills and faults, seed ${seed}`, async () => {
    const folder = temporaryFolder();
    const random = new Random(seed);
    const [lines, stats] = [join(folder, "lines.ndjson"), join(folder, "stats.json")];
    const bucket = `killed-${seed}`;
    await makeBucket(bucket);
    const proxy = new FaultyProxy(url, new Random(seed, 1));
    const source = { type: "file", include: [lines], codec: "json", poll_interval: "20ms" };
    const sinks = {
      out: sinkTo(await proxy.start(), bucket, {
        key_prefix: "{{ team }}/",
        health_check: false,
        timeout: "500ms",
        retry: { initial: "5ms", max: "50ms" },
        batch: { max_events: 60, timeout: "30ms" },
      }),
    };
    const pipeline = pipelineFile(folder, { sources: { in: source }, sinks });
    let count = 0;
    const write = (events: number) => {
      const more = Array.from({ length: events }, () => ({ n: count++, team: "abc"[random.between(0, 2)] }));
      appendFileSync(lines, more.map((event) => `${JSON.stringify(event)}\n`).join(""));
    };
    for (let kill = 0; kill < (isLong ? 40 : 5); kill++) {
      write(random.between(20, 200));
      const weir = startWeir(["run", pipeline, "--data-dir", join(folder, "data")]);
      await weir.said("running");
      for (let part = 0; part < 5; part++) {
        await sleep(random.between(0, 150));
        write(random.between(0, 30));
      }
      await weir.stop("SIGKILL");
    }
    const weir = startWeir(["run", pipeline, "--data-dir", join(folder, "data")]);
    await weir.said("running");
    for (let waited = 0; proxy.counts.size < uploadFaults.length && waited < 20_000; waited += 50) {
      write(3);
      await sleep(50);
    }
    proxy.end();
    await weir.stop("SIGTERM");
    const last = pipelineFile(folder, { sources: { in: { ...source, follow: false } }, sinks }, "last.yaml");
    expect((await runWeir(["run", last, "--data-dir", join(folder, "data"), "--stats", stats])).code).toBe(0);
    expectConservation(readStats(stats));
    const found = [...(await linesIn(bucket)).values()]
      .flat()
      .map((line) => (JSON.parse(line) as { readonly n: number }).n);
    expect(found.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n));
    expect([...proxy.counts.keys()].sort()).toEqual([...uploadFaults].sort());
  }, 300_000);

  it("PROPERTY: signatures are those of Amazon's own client", () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
    const path = fc.array(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }).filter((part) => !/^\.+$/.test(part)),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    const requests = fc.sample(
      fc.record({
        method: fc.constantFrom("GET", "PUT", "HEAD"),
        url: path.map((parts) => `https://bucket.example.org:9000/${encoded(parts.join("/"))}`),
        headers: fc.dictionary(
          word.map((name) => `x-${name}`),
          fc.stringMatching(/^[!-~]( ?[ -~]{0,10}[!-~])?$/),
        ),
        body: fc.string(),
        region: word,
        token: fc.option(word),
        now: fc.integer({ min: 0, max: 4e12 }),
      }),
      { numRuns: 300, seed },
    );
    const asked = spawnSync(python, [join(import.meta.dirname, "signatures.py")], { input: JSON.stringify(requests) });
    expect(asked.stderr.toString()).toBe("");
    const theirs = JSON.parse(asked.stdout.toString()) as readonly string[];
    for (const [index, { region, token, now, body, ...request }] of requests.entries()) {
      const credentials = { accessKeyId: "AKID", secretAccessKey: "secret", sessionToken: token ?? undefined };
      const ours = signed({ ...request, body: Buffer.from(body) }, region, credentials, now);
      expect(ours["authorization"], JSON.stringify(requests[index])).toBe(theirs[index]);
    }
  });
});
