import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, Plugin } from "weir";
import { ExactNumber, Template } from "weir/fields";
import type { MetricFamily } from "weir/sink";
import { delivery, flaws, logRecorder } from "weir/testing";
import sink from "./index.ts";
import { checkMetrics, type MetricConfig, type PrometheusConfig } from "./options.ts";

it("is well formed", () => expect(flaws(sink as Plugin)).toEqual([]));

const metric = (more: Partial<MetricConfig> = {}): MetricConfig => ({
  name: "events_total",
  type: "counter",
  help: "",
  labels: {},
  max_series: 1000,
  ...more,
});
const byTeam = { labels: { team: new Template("{{ team }}") } };

/** A sink as the host opens it, with what it shows, and what it has refused. */
const open = (metrics: readonly MetricConfig[], recorded?: Json) => {
  let read: (() => readonly MetricFamily[]) | undefined;
  const log = logRecorder();
  const refused: string[] = [];
  const config = { metrics, fields: {} } as unknown as PrometheusConfig;
  const writer = sink.open({
    id: "out",
    config,
    recorded,
    log,
    clock: { now: () => 0, monotonic: () => 0, sleep: async () => undefined },
    signal: new AbortController().signal,
    refused: (reason) => void refused.push(reason),
    metrics: (given) => {
      read = given;
    },
  });
  if (writer instanceof Promise) throw new Error("it opens at once");
  const signal = new AbortController().signal;
  return {
    log,
    refused,
    families: () => read!(),
    samples: () => read!().map(({ samples }) => samples),
    /** Writes events, of which some were received at a certain time, and returns what the host does. */
    write: async (events: readonly Readonly<Record<string, unknown>>[], at?: number) => {
      const given = events.map((data, index) => delivery(data as never, `in/s@${index}`, at));
      const outcome = await writer.write(given, signal);
      return { ...outcome, record: JSON.parse(JSON.stringify(outcome!.record)) as Json };
    },
    save: (record: Json) => writer.recorded!(record),
  };
};

describe("a metric", () => {
  it("is shown as it is on disk, and continues there", async () => {
    const config = [metric(byTeam), metric({ name: "all_total" })];
    const first = open(config);
    expect(first.samples()).toEqual([[], [{ labels: {}, value: 0 }]]);
    const { record } = await first.write([{ team: "a" }, { team: "b" }, { team: "a" }]);
    expect(first.samples()).toEqual([[], [{ labels: {}, value: 0 }]]);
    first.save(record);
    const expected = [
      [
        { labels: { team: "a" }, value: 2 },
        { labels: { team: "b" }, value: 1 },
      ],
      [{ labels: {}, value: 3 }],
    ];
    expect(first.samples()).toEqual(expected);
    // A write that is not recorded is not there after a crash.
    await first.write([{ team: "a" }]);
    const second = open(config, record);
    expect(second.samples()).toEqual(expected);
    const after = await second.write([{ team: "a" }]);
    second.save(after.record);
    expect(second.samples()[1]).toEqual([{ labels: {}, value: 4 }]);
  });

  it("begins again if its labels are others", async () => {
    const { record } = await open([metric(byTeam)]).write([{ team: "a" }]);
    expect(open([metric({ labels: { group: new Template("{{ team }}") } })], record).samples()).toEqual([[]]);
    expect(open([metric({ ...byTeam, type: "gauge", value: "n" })], record).samples()).toEqual([[]]);
  });

  it("counts what its query matches, and events in no metric if one cannot count them", async () => {
    const all = metric({ name: "all_total" });
    const big = metric({ name: "size_total", value: "n", where: "n: *" });
    const opened = open([all, big]);
    const { failed, record } = await opened.write([
      { n: 5 },
      { m: 1 },
      { n: "x" },
      { n: [1, 2] },
      { n: -1 },
      { n: "2.5" },
    ]);
    opened.save(record);
    expect(opened.samples()).toEqual([[{ labels: {}, value: 3 }], [{ labels: {}, value: 7.5 }]]);
    expect(failed?.map(({ index, message, final }) => [index, message, final])).toEqual([
      [2, 'the event cannot be counted: the value of "n" is not a number: "x"', true],
      [3, 'the event cannot be counted: "n" has 2 values; one is expected', true],
      [4, 'the event cannot be counted: the value of "n" is negative, but a counter can only go up: -1', true],
    ]);
  });

  it.each([
    ["17", 17],
    ["-1e3", -1000],
    [new ExactNumber("12345678901234567890"), 12345678901234567000],
    [0.1, 0.1],
  ])("takes %s for a number", async (n, value) => {
    const opened = open([metric({ type: "gauge", value: "n" })]);
    opened.save((await opened.write([{ n: 1 }, { n }])).record);
    expect(opened.samples()).toEqual([[{ labels: {}, value }]]);
  });

  it.each([[""], ["0x10"], ["1e999"], [" 1"], [true], [null], [{}], ["Infinity"], [new ExactNumber("1e400")]])(
    "takes %j for none",
    async (n) => {
      const { failed } = await open([metric({ type: "gauge", value: "n" })]).write([{ n }]);
      expect(failed).toMatchObject([{ index: 0, final: true }]);
    },
  );

  it("has one more series for too many combinations, says so once, and sums remain right", async () => {
    const opened = open([metric({ ...byTeam, max_series: 2 })]);
    const { record, failed } = await opened.write(["a", "b", "c", "a", "d", "c"].map((team) => ({ team })));
    expect(failed).toEqual([]);
    opened.save(record);
    expect(opened.samples()).toEqual([
      [
        { labels: { team: "a" }, value: 2 },
        { labels: { team: "b" }, value: 1 },
        { labels: { otel_metric_overflow: "true" }, value: 3 },
      ],
    ]);
    expect(opened.refused).toEqual(["max_series", "max_series", "max_series"]);
    expect(opened.log.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
    const again = open([metric({ ...byTeam, max_series: 2 })], record);
    again.save((await again.write([{ team: "b" }, { team: "e" }])).record);
    expect(again.samples()[0]!.map((sample) => "value" in sample && sample.value)).toEqual([2, 2, 4]);
  });

  it("forgets series without events for too long, which makes room", async () => {
    const opened = open([metric({ ...byTeam, max_series: 1, max_idle: 1000 })]);
    await opened.write([{ team: "a" }], 5_000);
    await opened.write([{ team: "b" }], 5_999);
    opened.save((await opened.write([{ team: "b" }], 6_000)).record);
    expect(opened.samples()).toEqual([
      [
        { labels: { otel_metric_overflow: "true" }, value: 1 },
        { labels: { team: "b" }, value: 1 },
      ],
    ]);
  });

  it("continues when its labels are written in another order", async () => {
    const [team, verb] = [new Template("{{ team }}"), new Template("{{ verb }}")];
    const event = { team: "a", verb: "get" };
    const { record } = await open([metric({ labels: { verb, team } })]).write([event]);
    const again = open([metric({ labels: { team, verb } })], record);
    again.save((await again.write([event])).record);
    expect(again.samples()).toEqual([[{ labels: event, value: 2 }]]);
  });

  it("refuses values of labels that are absent or very long", async () => {
    const { failed } = await open([metric(byTeam)]).write([{}, { team: "x".repeat(1025) }]);
    expect(failed?.map(({ message }) => message)).toEqual([
      expect.stringContaining('"team" has no value'),
      expect.stringContaining("a label value with 1025 characters is too long"),
    ]);
  });

  it("keeps sums finite", async () => {
    const opened = open([metric({ value: "n" })]);
    opened.save((await opened.write([{ n: Number.MAX_VALUE }, { n: Number.MAX_VALUE }])).record);
    expect(opened.samples()).toEqual([[{ labels: {}, value: Number.MAX_VALUE }]]);
  });
});

it("PROPERTY: however events are divided and weir is killed, the series are those of a plain loop", async () => {
  const event = fc.record({ team: fc.constantFrom("a", "b", "c"), n: fc.integer({ min: -3, max: 12 }) });
  const steps = fc.array(fc.tuple(fc.array(event, { maxLength: 8 }), fc.boolean()), { maxLength: 12 });
  const config = [
    metric(byTeam),
    metric({ ...byTeam, name: "h", type: "histogram", value: "n", buckets: [0, 5, 10] }),
    metric({ ...byTeam, name: "g", type: "gauge", value: "n" }),
  ];
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      let record: Json | undefined;
      let opened = open(config);
      const counted: { readonly team: string; readonly n: number }[] = [];
      for (const [events, isKilled] of all) {
        const written = await opened.write(events);
        if (isKilled) opened = open(config, record);
        else {
          record = written.record;
          opened.save(record);
          counted.push(...events);
        }
      }
      const teams = Map.groupBy(counted, ({ team }) => team);
      const [counters, histograms, gauges] = opened.families();
      const of = (family: MetricFamily) =>
        new Map<string, unknown>(family.samples.map((one) => [one.labels["team"]!, one]));
      for (const family of [counters!, histograms!, gauges!])
        expect([...of(family).keys()].sort()).toEqual([...teams.keys()].sort());
      for (const [team, events] of teams) {
        expect(of(counters!).get(team)).toMatchObject({ value: events.length });
        expect(of(gauges!).get(team)).toMatchObject({ value: events.at(-1)!.n });
        const within = (from: number, to: number) => events.filter(({ n }) => n > from && n <= to).length;
        expect(of(histograms!).get(team)).toMatchObject({
          sum: events.reduce((sum, { n }) => sum + n, 0),
          counts: [within(-9, 0), within(0, 5), within(5, 10), within(10, 99)],
        });
      }
    }),
    { numRuns: 100 },
  );
});

it("says at the start that nobody can read the metrics", () => {
  const log = logRecorder();
  sink.open({ config: { metrics: [metric()], fields: {} }, log, recorded: undefined } as never);
  expect(log.lines.map(({ message }) => message)).toEqual([expect.stringContaining("start weir with --listen")]);
});

describe("options", () => {
  const check = (metrics: readonly MetricConfig[], before: readonly MetricConfig[] = []) =>
    checkMetrics({ metrics } as unknown as PrometheusConfig, [{ metrics: before } as unknown as PrometheusConfig]);
  const histogram = (more: Partial<MetricConfig> = {}) => metric({ name: "h", type: "histogram", value: "n", ...more });

  it("fit together", () => {
    check([metric(), histogram(), metric({ name: "g", type: "gauge", value: "n" })], [metric({ name: "other" })]);
  });

  it.each<[string, readonly MetricConfig[], readonly MetricConfig[], string]>([
    ["the same name twice", [metric(), metric()], [], 'already a metric with series named "events_total"'],
    ["the name of an earlier sink", [metric()], [metric()], 'already a metric with series named "events_total"'],
    [
      "the name of a bucket",
      [histogram(), metric({ name: "h_bucket" })],
      [],
      'already a metric with series named "h_bucket"',
    ],
    [
      "the name of a count",
      [metric({ name: "h_count" }), histogram()],
      [],
      'already a metric with series named "h_count"',
    ],
    ["a gauge without a value", [metric({ type: "gauge" })], [], 'a gauge needs "value"'],
    ["buckets of a counter", [metric({ buckets: [1] })], [], '"buckets" has no effect on a counter'],
    ["buckets that do not ascend", [histogram({ buckets: [1, 3, 2] })], [], "2 comes after 3"],
    ["a label le", [histogram({ labels: { le: new Template("a") } })], [], 'a histogram already has the label "le"'],
  ])("refuses %s", (_what, metrics, before, message) => {
    expect(() => check(metrics, before)).toThrow(message);
  });
});
