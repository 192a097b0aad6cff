import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { componentStats, type Stats } from "../runtime/stats.ts";
import { Ledger } from "../telemetry/ledger.ts";
import type { MetricFamily } from "../telemetry/metric-family.ts";
import { type Endpoint, openEndpoint } from "./endpoint.ts";
import { listenAddress } from "./listen-address.ts";

const ledger = new Ledger();
ledger.received = 9;
ledger.sent = 3;
ledger.inFlight = 1;
ledger.drop("outbox_full", 2);
ledger.deadLetter('odd "reason"\\\n', 3);
ledger.refuse("no_room");
for (let times = 0; times < 7; times++) ledger.retry("timed_out");

const stats = (): Stats => ({
  components: { out: componentStats("sink", "http", ledger) },
  commits_total: 5,
  commit_retries_total: 1,
  outbox_bytes: { out: 100, dead_letter: 0 },
  uptime_seconds: 1.5,
  state_index_bytes: 4_096,
  state_index_max_bytes: 8_192,
  state_index_keys: 70,
  state_index_complete: 0,
  peak_memory_bytes: 1,
});
const reasons = new Map<string, string>();
const reloads = () => ({ counts: { applied: 2, unchanged: 0, invalid: 1, failed: 0 }, loadedAt: 1_500_000_000_500 });
const exposed = (): readonly MetricFamily[] => [
  {
    name: "seen_total",
    type: "counter",
    help: "a \\ and\na line",
    samples: [
      { labels: { who: 'odd "name"\\\n', empty: "" }, value: 3 },
      { labels: {}, value: 4 },
    ],
  },
  {
    name: "took_seconds",
    type: "histogram",
    help: "",
    bounds: [0.5, 2],
    samples: [{ labels: { a: "b" }, counts: [1, 0, 2], sum: 9.5 }],
  },
  { name: "none", type: "gauge", help: "", samples: [] },
];
let endpoint: Endpoint;

beforeAll(async () => {
  const observed = {
    version: "1.2.3",
    stats,
    isReady: () => reasons.size === 0,
    notReady: () => reasons,
    reloads,
    exposed,
  };
  endpoint = await openEndpoint({ host: "127.0.0.1", port: 0 }, observed, ["weir.example"]);
});
afterAll(() => endpoint.close());

const get = async (path: string) => {
  const response = await fetch(`${endpoint.url}${path}`);
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
};

/** Reads the text format by its specification; anything else is an error. */
const samplesIn = (text: string): Map<string, number> => {
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  expect(text.endsWith("\n")).toBe(true);
  for (const line of text.trimEnd().split("\n")) {
    if (line === "" || /^# HELP [a-zA-Z_:][\w:]* \S/.test(line)) continue;
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (type) {
      expect(types.has(type[1]!)).toBe(false);
      types.set(type[1]!, type[2]!);
      continue;
    }
    const sample =
      /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*\})? ([Nn]a[Nn]|[+-]Inf|[-+.\deE]+)$/.exec(
        line,
      );
    expect(sample, line).not.toBeNull();
    const [, name = "", labels = "", value] = sample!;
    const family = types.get(name) ?? types.get(name.replace(/_(bucket|sum|count)$/, ""));
    expect(family, name).toBeDefined();
    if (family === "counter") expect(name).toMatch(/_total$/);
    expect(samples.has(name + labels)).toBe(false);
    samples.set(name + labels, Number(value));
  }
  return samples;
};

describe("the endpoint", () => {
  it("reports that it is alive", async () => {
    const { status, text } = await get("/health");
    expect({ status, body: JSON.parse(text) }).toEqual({
      status: 200,
      body: { status: "alive", version: "1.2.3", uptime_seconds: 1.5 },
    });
  });

  it("is ready, or says why not", async () => {
    expect(await get("/ready")).toMatchObject({ status: 200, text: '{"ready":true,"reasons":{}}\n' });
    reasons.set("out", "draining");
    expect(await get("/ready?verbose")).toMatchObject({
      status: 503,
      text: '{"ready":false,"reasons":{"out":"draining"}}\n',
    });
    expect(samplesIn((await get("/metrics")).text).get("weir_ready")).toBe(0);
    reasons.clear();
  });

  it("serves every counter with its reason, the same at each scrape", async () => {
    await get("/metrics");
    const { status, type, text } = await get("/metrics");
    expect({ status, type }).toEqual({ status: 200, type: "text/plain; version=0.0.4; charset=utf-8" });
    const samples = samplesIn(text);
    const out = 'component_id="out",component_kind="sink",component_type="http"';
    expect(Object.fromEntries(samples)).toMatchObject({
      [`weir_component_received_events_total{${out}}`]: 9,
      [`weir_component_sent_events_total{${out}}`]: 3,
      [`weir_component_discarded_events_total{${out},reason="outbox_full",intentional="true"}`]: 2,
      [`weir_component_dead_letter_events_total{${out},reason="odd \\"reason\\"\\\\\\n"}`]: 3,
      [`weir_component_refusals_total{${out},reason="no_room"}`]: 1,
      [`weir_component_retries_total{${out},reason="timed_out"}`]: 7,
      [`weir_component_in_flight_events{${out}}`]: 1,
      [`weir_component_unbalanced_events{${out}}`]: 0,
      'weir_outbox_bytes{outbox="out"}': 100,
      'weir_outbox_bytes{outbox="dead_letter"}': 0,
      weir_commits_total: 5,
      weir_commit_retries_total: 1,
      weir_state_index_bytes: 4_096,
      weir_state_index_max_bytes: 8_192,
      weir_state_index_keys: 70,
      weir_state_index_complete: 0,
      weir_ready: 1,
      'weir_build_info{version="1.2.3"}': 1,
    });
    expect(samples.get("process_resident_memory_bytes")).toBeGreaterThan(0);
  });

  it("has the metrics of components", async () => {
    const samples = samplesIn((await get("/metrics")).text);
    expect(Object.fromEntries(samples)).toMatchObject({
      'seen_total{who="odd \\"name\\"\\\\\\n"}': 3,
      seen_total: 4,
      'took_seconds_bucket{a="b",le="0.5"}': 1,
      'took_seconds_bucket{a="b",le="2"}': 1,
      'took_seconds_bucket{a="b",le="+Inf"}': 3,
      'took_seconds_sum{a="b"}': 9.5,
      'took_seconds_count{a="b"}': 3,
    });
  });

  it("has no other page, and accepts no other method", async () => {
    expect(await get("/")).toMatchObject({ status: 404 });
    expect((await fetch(`${endpoint.url}/metrics`, { method: "POST" })).status).toBe(405);
    const head = await new Promise((resolve) =>
      request(`${endpoint.url}/health`, { method: "HEAD" }, ({ statusCode }) => resolve(statusCode)).end(),
    );
    expect(head).toBe(200);
  });

  it("names the address that it cannot listen on", async () => {
    const port = Number(new URL(endpoint.url).port);
    const observed = { version: "", stats, isReady: () => true, notReady: () => reasons, reloads, exposed };
    await expect(openEndpoint({ host: "127.0.0.1", port }, observed)).rejects.toThrow(
      `--listen: cannot listen on "127.0.0.1:${port}": `,
    );
  });
});

it("an address is a port, or a host and a port; the host is loopback unless it is named", () => {
  const loopback = { host: "127.0.0.1", port: 9598 };
  for (const text of ["9598", ":9598", "127.0.0.1:9598"]) expect(listenAddress(text)).toEqual(loopback);
  expect(listenAddress("[::1]:0")).toEqual({ host: "::1", port: 0 });
  expect(listenAddress("metrics.example:80")).toEqual({ host: "metrics.example", port: 80 });
  for (const text of ["", "host", "host:", "1:2:3", "65536", "http://a:1", "::1:80"])
    expect(listenAddress(text)).toBeUndefined();
});

describe("what a browser could send", () => {
  const answer = (headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      request(`${endpoint.url}/metrics`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on("error", reject)
        .end();
    });

  it.each([
    [{ Host: "localhost:9598" }, 200],
    [{ Host: "evil.example:9598" }, 403],
    [{ Host: "weir.example" }, 200],
    [{ Origin: "https://evil.example" }, 403],
  ])("%j is answered with %s", async (headers, status) => {
    expect(await answer(headers as Record<string, string>)).toBe(status);
  });
});
