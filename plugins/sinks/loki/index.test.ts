import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Plugin } from "weir";
import { Template } from "weir/fields";
import { HeaderTemplates } from "weir/http";
import { delivery, flaws, openSink, testSink } from "weir/testing";
import { receiver } from "../../../test/http/receiver.ts";
import sink from "./index.ts";
import { Streams } from "./streams.ts";

type Value = readonly [time: string, line: string, metadata?: Record<string, string>];
interface Push {
  readonly streams: readonly { readonly stream: Record<string, string>; readonly values: readonly Value[] }[];
}

/**
 * Loki, by its documented protocol: good entries are taken although others of the same push are refused with 400 and a
 * reason for each, and equal entries of a stream are one.
 */
class FakeLoki {
  readonly pushes: { readonly push: Push; readonly headers: IncomingHttpHeaders }[] = [];
  /** By stream: its entries, as time, line. */
  readonly kept = new Map<string, Set<string>>();
  url = "";
  oldest = 0n;
  instead: ((response: ServerResponse) => unknown) | undefined;

  async start(): Promise<this> {
    const { origin } = await receiver(({ headers, plain }, response) => {
      if (this.instead) return void this.instead(response);
      const push = JSON.parse(plain.toString()) as Push;
      this.pushes.push({ push, headers });
      const refused = push.streams.flatMap(({ stream, values }) => this.#take(stream, values));
      if (refused.length === 0) response.writeHead(204).end();
      else response.writeHead(400, { "content-type": "text/plain; charset=utf-8" }).end(`${refused.join("\n")}\n`);
    });
    this.url = `${origin}/loki/api/v1/push`;
    return this;
  }

  #take(stream: Record<string, string>, values: readonly Value[]): string[] {
    const name = JSON.stringify(stream);
    const entries = this.kept.get(name) ?? new Set();
    this.kept.set(name, entries);
    const old = values.filter(([time]) => BigInt(time) < this.oldest);
    for (const [time, line] of values) if (BigInt(time) >= this.oldest) entries.add(`${time} ${line}`);
    return old.map(
      ([time]) =>
        `entry with timestamp ${time} ignored, reason: 'entry too far behind', total ignored: ${old.length} out of ${values.length} for stream: ${name}`,
    );
  }
}

const templates = (texts: Record<string, string>) =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, new Template(text)]));

const config = (url: string, more: Record<string, unknown> = {}) => ({
  url,
  labels: templates({ job: "weir", namespace: "{{ orchestrator.namespace:-none }}" }),
  structured_metadata: {},
  max_streams: 1000,
  compression: "gzip",
  headers: {},
  auth: {},
  tls: {},
  final_statuses: [],
  ...more,
});

const open = async (loki: FakeLoki, more: Record<string, unknown> = {}) => {
  const writer = await openSink(sink, { config: config(loki.url, more) });
  onTestFinished(() => writer.close());
  return writer;
};

const events = (...data: readonly Record<string, unknown>[]) =>
  data.map((one, index) => delivery(one, `lines/s@${index}`));

it("is well formed", () => expect(flaws(sink as Plugin)).toEqual([]));

testSink(sink, [
  {
    name: "entries",
    events: [
      { n: 1, "@timestamp": "2026-01-01T00:00:01Z" },
      { n: 2, "@timestamp": "2026-01-01T00:00:02Z" },
    ],
    async arrange() {
      const loki = await new FakeLoki().start();
      return {
        config: config(loki.url),
        received: () =>
          [...loki.kept.values()].flatMap((all) =>
            [...all].map((entry) => JSON.parse(entry.slice(entry.indexOf(" ")))),
          ),
        refuse() {
          loki.instead = (response) => response.writeHead(500).end();
        },
        accept() {
          loki.instead = undefined;
        },
        stall() {
          loki.instead = () => undefined;
        },
      };
    },
  },
]);

describe("a push", () => {
  it("has a stream for each combination of labels, with its entries in order and to the nanosecond", async () => {
    const loki = await new FakeLoki().start();
    const writer = await open(loki, {
      line: new Template("{{ message }}"),
      tenant: new HeaderTemplates({ "X-Scope-OrgID": "t-{{ team:-x }}" }),
    });
    await writer.write(
      events(
        { "@timestamp": "2026-01-01T00:00:02.000000001Z", message: "b", orchestrator: { namespace: "shop" } },
        { "@timestamp": "2026-01-01T00:00:02Z", message: "a", orchestrator: { namespace: "shop" } },
        { message: "c" },
        { "@timestamp": "no date", message: "d" },
      ),
    );
    expect(loki.pushes).toHaveLength(1);
    const { push, headers } = loki.pushes[0]!;
    expect(headers).toMatchObject({ "x-scope-orgid": "t-x", "content-type": "application/json" });
    expect(push.streams).toEqual([
      {
        stream: { job: "weir", namespace: "shop" },
        values: [
          ["1767225602000000000", "a"],
          ["1767225602000000001", "b"],
        ],
      },
      {
        stream: { job: "weir", namespace: "none" },
        values: [
          ["1767225600000000000", "c"],
          ["1767225600000000000", "d"],
        ],
      },
    ]);
  });

  it("has structured metadata where the event has values, and tenants of their own have requests of their own", async () => {
    const loki = await new FakeLoki().start();
    const writer = await open(loki, {
      structured_metadata: templates({ trace_id: "{{ trace.id }}", user: "{{ user.name }}" }),
      tenant: new HeaderTemplates({ "X-Scope-OrgID": "{{ team }}" }),
    });
    const outcome = await writer.write(events({ team: "a", trace: { id: "t" } }, { team: "b" }, {}));
    expect(loki.pushes.map(({ push, headers }) => [headers["x-scope-orgid"], push.streams[0]!.values[0]![2]])).toEqual([
      ["a", { trace_id: "t" }],
      ["b", undefined],
    ]);
    expect(outcome).toEqual({
      failed: [{ index: 2, message: expect.stringMatching(/"team" has no value/), final: true }],
    });
  });
});

describe("entries that Loki refuses", () => {
  it("go to the dead letter with its words; all others are in, once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), fc.nat(3)), { minLength: 1, maxLength: 40 }), async (all) => {
        const loki = await new FakeLoki().start();
        loki.oldest = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n;
        const writer = await open(loki);
        const data = all.map(([isOld, namespace], n) => ({
          "@timestamp": isOld ? "2020-01-01T00:00:00Z" : "2026-01-01T00:00:00Z",
          n,
          orchestrator: { namespace: `n${namespace}` },
        }));
        const { failed = [] } = (await writer.write(events(...data))) ?? {};
        const old = [...all.keys()].filter((n) => all[n]![0]);
        expect(failed.map(({ index }) => index)).toEqual(old);
        for (const { message, final } of failed)
          expect([message, final]).toEqual([
            expect.stringMatching(/answered 400: entry with timestamp 1577836800.*entry too far behind.*for stream/),
            true,
          ]);
        expect([...loki.kept.values()].reduce((sum, entries) => sum + entries.size, 0)).toBe(all.length - old.length);
        await writer.close();
      }),
      { numRuns: 20 },
    );
  });

  it("are tried again after 429, with its pause", async () => {
    const loki = await new FakeLoki().start();
    loki.instead = (response) => response.writeHead(429, { "retry-after": "3" }).end("Ingestion rate limit exceeded");
    const error = await (await open(loki)).write(events({ n: 1 })).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ retryAfter: 3_000, message: expect.stringMatching(/Ingestion rate limit exceeded/) });
  });
});

describe("labels", () => {
  it("whose combinations are too many cost the events with further ones", async () => {
    const loki = await new FakeLoki().start();
    const writer = await open(loki, { labels: templates({ user: "{{ user.name }}" }), max_streams: 2 });
    const of = (...names: string[]) => events(...names.map((name) => ({ user: { name } })));
    const outcome = await writer.write(of("a", "b", "c", "a"));
    expect(outcome).toEqual({
      failed: [
        {
          index: 2,
          message:
            'the event cannot be sent: its labels {"user":"c"} exceed "max_streams" (2 label combinations per hour); put fields with many distinct values into "structured_metadata"',
          final: true,
        },
      ],
    });
    expect(await writer.write(of("b", "a"))).toBeUndefined();
  });

  it("that have no value cost the event", async () => {
    const loki = await new FakeLoki().start();
    const writer = await open(loki, { labels: templates({ user: "{{ user.name }}", empty: "{{ x:-}}" }) });
    expect(await writer.write(events({}))).toMatchObject({
      failed: [{ message: expect.stringMatching(/"user.name" has no value/) }],
    });
    const empty = await open(loki, { labels: templates({ empty: "{{ x:-}}" }) });
    expect(await empty.write(events({}))).toMatchObject({
      failed: [{ message: expect.stringMatching(/all of its labels are empty/) }],
    });
  });

  it("count for an hour after their last event", () => {
    const hour = 3_600_000;
    const streams = new Streams(2);
    expect([streams.admits("a", 0), streams.admits("b", 1), streams.admits("c", hour - 1)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(streams.admits("a", hour - 1)).toBe(true);
    expect(streams.admits("c", hour)).toBe(false);
    expect(streams.admits("c", hour + 1)).toBe(true);
    expect(streams.admits("b", hour + 1)).toBe(false);
  });
});
