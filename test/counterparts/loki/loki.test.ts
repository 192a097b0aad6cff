import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectConservation } from "../../end-to-end/conservation.ts";
import { pipelineFile, readStats, startWeir, temporaryFolder } from "../../end-to-end/weir.ts";
import { readDeadLetters } from "../../kill/dead-letters.ts";
import { hasLoki, type Loki, startLoki } from "./loki.ts";

interface Stream {
  readonly stream: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: string, line: string])[];
}

describe.skipIf(!hasLoki)("a real Loki", () => {
  let loki: Loki | undefined;
  beforeAll(async () => {
    loki = await startLoki();
  }, 180_000);
  afterAll(() => loki?.stop());

  /** What a tenant has, and since a day ago. */
  const query = async (tenant: string): Promise<readonly Stream[]> => {
    const start = String(BigInt(Date.now() - 86_400_000) * 1_000_000n);
    const asked = new URLSearchParams({ query: '{job="weir"}', limit: "5000", start });
    const response = await fetch(`${loki!.url}/loki/api/v1/query_range?${asked}`, {
      headers: { "X-Scope-OrgID": tenant },
    });
    expect(response.status).toBe(200);
    const { data } = (await response.json()) as { readonly data: { readonly result: readonly Stream[] } };
    return data.result;
  };
  const numbersIn = (streams: readonly Stream[]): number[] =>
    streams.flatMap(({ values }) => values.map(([, line]) => Number(line.split(" ")[0]))).sort((a, b) => a - b);

  it("has each event once, also after kills and in any order; those that are too old are in the dead letter", async () => {
    const folder = temporaryFolder();
    const path = (name: string) => join(folder, name);
    const pipeline = pipelineFile(folder, {
      sources: { in: { type: "file", include: [path("lines.ndjson")], codec: "json", poll_interval: "20ms" } },
      sinks: {
        loki: {
          type: "loki",
          inputs: ["in"],
          url: `${loki!.url}/loki/api/v1/push`,
          labels: { job: "weir", parity: "{{ parity }}" },
          structured_metadata: { trace_id: "{{ trace.id }}" },
          line: "{{ n }} {{ message }}",
          tenant: "{{ team }}",
          batch: { max_events: 40, timeout: "20ms" },
          retry: { initial: "20ms", max: "200ms" },
        },
      },
    });
    const now = Date.now();
    const isOld = (n: number) => n % 50 === 7;
    let written = 0;
    const write = (count: number): void => {
      const lines = Array.from({ length: count }, () => {
        const n = written++;
        // Within a few seconds, in no order.
        const at = isOld(n) ? now - 30 * 86_400_000 : now - ((n * 7919) % 5_000);
        const event = {
          "@timestamp": new Date(at).toISOString().replace("Z", "000123Z"),
          n,
          message: "hällo",
          parity: n % 2 === 0 ? "even" : "odd",
          team: n % 3 === 0 ? "red" : "blue",
          trace: { id: `t${n}` },
        };
        return `${JSON.stringify(event)}\n`;
      });
      appendFileSync(path("lines.ndjson"), lines.join(""));
    };
    const start = () => startWeir(["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json")]);
    for (let kill = 0; kill < 3; kill++) {
      write(200);
      const weir = start();
      await weir.said("running");
      await sleep(100 + kill * 150);
      await weir.stop("SIGKILL");
    }
    write(200);
    const weir = start();
    const all = [...Array(written).keys()].filter((n) => !isOld(n));
    const good = (team: string) => all.filter((n) => (n % 3 === 0) === (team === "red"));
    const counts = async () => [numbersIn(await query("red")).length, numbersIn(await query("blue")).length];
    for (let tries = 0; tries < 200; tries++) {
      const [red = 0, blue = 0] = await counts();
      if (red + blue >= all.length) break;
      await sleep(200);
    }
    expect(await weir.stop("SIGTERM")).toMatchObject({ code: 0 });
    expectConservation(readStats(path("stats.json")));
    for (const team of ["red", "blue"]) expect(numbersIn(await query(team))).toEqual(good(team));
    const [stream] = (await query("red")).filter(({ values }) => values.some(([, line]) => line === "0 hällo"));
    expect(stream).toMatchObject({ stream: { job: "weir", parity: "even", trace_id: "t0" } });
    expect(stream!.values[0]![0]).toBe(`${BigInt(now) * 1_000_000n + 123n}`);
    const letters = readDeadLetters(path("data")) as unknown as readonly {
      readonly head: { readonly message: string };
      readonly data: { readonly n: number };
    }[];
    const old = [...Array(written).keys()].filter(isOld);
    expect([...new Set(letters.map(({ data }) => data.n))].sort((a, b) => a - b)).toEqual(old);
    for (const { head } of letters) expect(head.message).toMatch(/answered 400: .*timestamp too old/);
  });
});
