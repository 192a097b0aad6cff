import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mergeMap, scan } from "rxjs";
import { describe, expect, it, onTestFinished } from "vitest";
import label from "../../examples/plugins/label.ts";
import throttle from "../../examples/plugins/rate_limit.ts";
import { withData } from "../event.ts";
import { option } from "../option/option.ts";
import { defineTransform } from "../plugin.ts";
import { eachBatch } from "../transform/each-batch.ts";
import { RejectError } from "../transform/reject.ts";
import { type TransformCase, testEvent, testTransform, transformChecks } from "./index.ts";

testTransform(label, [
  {
    name: "adds to the labels that are there",
    config: { key: "cluster", value: "paris-1" },
    input: [{}, { labels: { team: "shop" } }],
    output: [{ labels: { cluster: "paris-1" } }, { labels: { team: "shop", cluster: "paris-1" } }],
  },
]);

const at = (seconds: number, name: string) =>
  testEvent({ name }, { at: Date.UTC(2026, 0, 1, 0, 0, seconds), id: `${name}${seconds}` });

testTransform(throttle, [
  {
    name: "lets one event of each value through in a while",
    config: { by: "name", every: 60_000 },
    input: [at(0, "ann"), at(0, "bob"), at(59, "ann"), at(60, "ann"), at(61, "bob")],
    output: [{ name: "ann" }, { name: "bob" }, { name: "ann" }, { name: "bob" }],
    consumed: { throttled: 1 },
  },
]);

/** Counts events by minute, and says how many there were when the minute is over. */
const perMinute = defineTransform({
  name: "per_minute",
  summary: "Counts events by minute.",
  options: {},
  keep: ({ state }) => ({
    event: ({ meta }) => {
      const minute = String(meta.ingested - (meta.ingested % 60_000));
      state.set(minute, String(Number(state.get(minute) ?? 0) + 1));
      state.wake(Number(minute) + 60_000);
      return "counted";
    },
    tick: ({ now, final, emit }) => {
      for (const [minute, count] of state.scan("")) {
        if (!final && Number(minute) + 60_000 > now) {
          state.wake(Number(minute) + 60_000);
          continue;
        }
        emit({ id: minute, data: { count: Number(count) } });
        state.delete(minute);
      }
    },
  }),
});

testTransform(perMinute, [
  {
    name: "counts up to a tick, and the rest at the end",
    input: [
      at(0, "a"),
      at(0, "b"),
      at(30, "c"),
      { tick: Date.UTC(2026, 0, 1, 0, 0, 59) },
      { tick: Date.UTC(2026, 0, 1, 0, 1, 0) },
      at(61, "d"),
      { tick: Date.UTC(2026, 0, 1, 0, 1, 2), final: true },
    ],
    output: [{ count: 3 }, { count: 1 }],
    consumed: { counted: 4 },
  },
]);

const asking = defineTransform({
  name: "asking",
  summary: "Asks a server for each event.",
  options: { url: option.text("The server.", { examples: ["http://127.0.0.1:80/"] }) },
  async: true,
  outputs: () => ["odd"],
  each:
    ({ config, clock }) =>
    async (event, { signal }) => {
      await clock.sleep(1000, signal);
      const answer = Number(await (await fetch(`${config.url}${event.data["n"]}`, { signal })).text());
      if (answer > 9) throw new RejectError("too_big", `${answer} is too big`);
      const next = withData(event, { answer });
      return answer % 2 === 0 ? next : { to: { odd: [next] } };
    },
});

it("runs a transform that waits and asks a server", async () => {
  const server = createServer(({ url }, response) => void response.end(String(Number(url!.slice(1)) * 3)));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const one: TransformCase = {
    name: "asks",
    config: { url },
    input: [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }],
    output: { default: [{ answer: 6 }], odd: [{ answer: 3 }, { answer: 9 }] },
    rejected: { too_big: 1 },
  };
  for (const { run } of transformChecks(asking, [one])) await run();
});

type Transforming = Parameters<typeof transformChecks>[0];
const planted = (shape: object, summary = "Does something wrong."): Transforming =>
  defineTransform({ name: "planted", summary, options: {}, ...shape } as never) as unknown as Transforming;

/** The failed checks of a transform that should send on three events unchanged. */
const faultsOf = async (plugin: Transforming, more: Partial<TransformCase> = {}): Promise<Record<string, string>> => {
  const input = [{ n: 1 }, { n: 2 }, { n: 2 }];
  const faults: Record<string, string> = {};
  for (const { name, run } of transformChecks(plugin, [{ name: "case", input, output: input, ...more }]))
    try {
      await run();
    } catch (error) {
      faults[name] = (error as Error).message.split("\n")[0]!;
    }
  return faults;
};

const cut = "case, however the events are cut into batches";
const restarted = "case, restarted between any two events";

describe("the checks of a transform find", () => {
  it("nothing in one that is correct", async () => {
    expect(await faultsOf(planted({ each: () => (event: unknown) => event }))).toEqual({});
    expect(await faultsOf(planted({ keep: () => (event: unknown) => event }))).toEqual({});
    expect(await faultsOf(planted({ create: () => eachBatch(mergeMap((event) => [event])) }))).toEqual({});
  });

  it("a description that is not a sentence", async () => {
    expect(await faultsOf(planted({ each: () => (event: unknown) => event }, "nothing"))).toHaveProperty([
      "is well formed",
    ]);
  });

  it("an output that the case does not have", async () => {
    expect(await faultsOf(planted({ each: () => () => "gone" }))).toEqual({
      case: "Expected values to be strictly deep-equal:",
    });
    expect(await faultsOf(planted({ each: () => () => "gone" }), { output: [], consumed: { other: 3 } })).toEqual({
      case: "consumed",
    });
  });

  it("data that is changed in place", async () => {
    const each = () => (event: { data: { n: number } }) => {
      event.data.n = 7;
      return event;
    };
    const { case: fault } = await faultsOf(planted({ each }));
    expect(fault).toMatch(/^rejected: .* transform_error: .*Events are frozen: make a copy/);
  });

  it("events that are not accounted for", async () => {
    const { case: fault } = await faultsOf(planted({ each: () => () => [] }));
    expect(fault).toContain("wrong_outcome: the transform returned an empty list;");
  });

  it("a promise without async: true", async () => {
    const { case: fault } = await faultsOf(planted({ each: () => async (event: unknown) => event }));
    expect(fault).toContain("the transform returned a promise; add `async: true` to its definition");
  });

  it("a transform without state that remembers", async () => {
    const each = () => {
      let last: unknown;
      return ({ data, ...event }: { data: { n: number } }) => {
        const next = { ...event, data: { ...data, repeats: data.n === last } };
        last = data.n;
        return next;
      };
    };
    const output = [
      { n: 1, repeats: false },
      { n: 2, repeats: false },
      { n: 2, repeats: true },
    ];
    expect(await faultsOf(planted({ each }), { output })).toEqual({
      [cut]:
        'the result for the event "test/stream@2" depends on how batches are cut: use keep (one event a batch: sent {"n":2,"repeats":true}; started 3 times: sent {"n":2,"repeats":false})',
    });
  });

  it("a bulk step that depends on its batch", async () => {
    const bulk = (events: readonly { data: object }[]) =>
      events.map((event) => ({ ...event, data: { ...event.data, of: events.length } }));
    const output = [1, 2, 2].map((n) => ({ n, of: 3 }));
    const faults = await faultsOf(planted({ each: () => ({ bulk }) }), { output });
    expect(Object.keys(faults)).toEqual([cut]);
  });

  it("an operator that sums over a batch", async () => {
    const create = () =>
      eachBatch(scan((sum, event) => withData(event, { n: Number(sum.data["n"]) + Number(event.data["n"]) })));
    expect(await faultsOf(planted({ create }), { output: [{ n: 1 }, { n: 3 }, { n: 5 }] })).toEqual({
      [cut]:
        'the result for the event "test/stream@1" depends on how batches are cut: use keep (one event a batch: sent {"n":2}; all events in one batch: sent {"n":3})',
    });
  });

  it("several events made from one that share an id", async () => {
    const each = () => (event: ReturnType<typeof testEvent>) => [1, 2].map((n) => withData(event, { n }, "same"));
    const faults = await faultsOf(planted({ each }), { input: [{}], output: [{ n: 1 }, { n: 2 }] });
    expect(faults).toEqual({
      case: "rejected: test/stream@0 wrong_outcome: the transform returned the same event twice; give each copy its own id: withData(event, data, id)",
    });
  });

  it("memory outside of state", async () => {
    const keep = () => {
      let count = 0;
      return (event: ReturnType<typeof testEvent>) => withData(event, { count: ++count });
    };
    const faults = await faultsOf(planted({ keep }), { output: [1, 2, 3].map((count) => ({ count })) });
    expect(faults).toEqual({
      [restarted]: "a restart before input 1 changes the result: keep everything that the transform remembers in state",
    });
  });

  it("a tick in a case of a transform without keep", async () => {
    const faults = await faultsOf(planted({ each: () => (event: unknown) => event }), { input: [{ tick: 1 }] });
    expect(faults["case"]).toBe("the case has a tick, but only transforms with keep get ticks");
  });
});
