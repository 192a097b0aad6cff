import { describe, expect, it } from "vitest";
import { type Data, defineSource, RejectError, withData } from "weir";
import { filterEvents, mapEvents } from "weir/rxjs";
import { openStopped } from "../../src/control/stopped.ts";
import type { DeadLetter } from "../../src/runtime/dead-letters/letter-files.ts";
import type { Delivering } from "../../src/topology/topology.ts";
import {
  eachOf,
  keeping,
  startRun,
  temporaryDir,
  topology,
  transformOf,
  unbalancedComponents,
  until,
} from "./harness.ts";

/** A source of records with exactly these bytes. */
const written = (records: readonly string[]) =>
  defineSource({
    name: "written",
    summary: "Reads given text.",
    options: {},
    decoding: { codec: "json" },
    async *read({ checkpoints, signal }) {
      const bytes = Buffer.from(records.map((record) => `${record}\n`).join(""));
      if (!checkpoints.has("s")) yield { stream: "s", position: 0, bytes };
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    },
  });

/** A sink that keeps each event's text. */
const texts = () => {
  const found: string[] = [];
  const { plugin } = keeping((events) => void found.push(...events.map(({ json }) => json)));
  return { found, plugin };
};

const unchanged = transformOf(() => filterEvents(() => true));
const copied = transformOf(() => mapEvents((event) => withData(event, { ...event.data })));

const lettersIn = async (dataDir: string): Promise<DeadLetter[]> => {
  const stopped = openStopped(dataDir);
  const letters: DeadLetter[] = [];
  for await (const letter of stopped.letters({})) letters.push(letter);
  stopped.close();
  return letters;
};

const deep = (levels: number) => `{"a":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;

const records = [
  '{"id":12345678901234567890,"one":1.0}',
  '{ "b": 1.50, "a": "\\u00e9" }',
  '{"user":"admin","user":"nobody"}',
];
const rewritten = ['{"id":12345678901234567890,"one":1}', '{"b":1.5,"a":"é"}', '{"user":"nobody"}'];
/** A transform that gives an event the same members again: each stays as it was written. */
const remade = ['{"id":12345678901234567890,"one":1.0}', '{"b": 1.50, "a": "\\u00e9"}', rewritten[2]];
const kept = [records[0], records[1], rewritten[2]];

describe("a record", () => {
  it("reaches each sink as it was written, unless a transform on the way changed it", async () => {
    const [direct, live, filtered, made] = [texts(), texts(), texts(), texts()];
    const plan = topology({
      in: [written(records)],
      alone: [written(records)],
      same: [unchanged, ["in"]],
      again: [unchanged, ["same"]],
      copy: [copied, ["in"]],
      direct: [direct.plugin, ["alone"]],
      live: [live.plugin, ["alone"], { required: false }],
      filtered: [filtered.plugin, ["again"]],
      made: [made.plugin, ["copy"]],
    });
    const { runtime } = await startRun(plan, temporaryDir());
    await until(() => [direct, live, filtered, made].every(({ found }) => found.length === records.length));
    await runtime.stop(5000);
    for (const { found } of [direct, live, filtered]) expect(found).toEqual(kept);
    expect(made.found).toEqual(remade);
    expect(unbalancedComponents(runtime.stats())).toEqual({});
  });

  it("is in the dead letter as it was written, and is replayed so", async () => {
    const { found, plugin } = texts();
    let isRefusing = true;
    const refusing = transformOf(() =>
      mapEvents((event) => {
        if (isRefusing) throw new RejectError("unwanted", "not now");
        return event;
      }),
    );
    const dataDir = temporaryDir();
    const plan = topology({ in: [written(records)], refuse: [refusing, ["in"]], out: [plugin, ["refuse"]] });
    const { runtime } = await startRun(plan, dataDir);
    const waiting: string[] = [];
    await until(
      () => waiting.length === records.length,
      async () => {
        waiting.length = 0;
        for await (const letter of runtime.desk.letters({})) waiting.push(letter.data);
      },
    );
    expect(waiting).toEqual(kept);
    isRefusing = false;
    expect(await runtime.desk.replay({})).toMatchObject({ replayed: records.length, refused: [] });
    await until(() => found.length === records.length);
    await runtime.stop(5000);
    expect(found).toEqual(kept);
  });
});

describe("a record that is nested too deep", () => {
  it.each([true, false])("affects no other record, with a transform: %s", async (hasTransform) => {
    const { found, plugin } = texts();
    const dataDir = temporaryDir();
    const plan = topology({
      in: [written([deep(2), deep(512), deep(513), deep(6000), '{"n":2}'])],
      ...(hasTransform && { same: [unchanged, ["in"]] as const }),
      out: [plugin, [hasTransform ? "same" : "in"]],
    });
    const { runtime } = await startRun(plan, dataDir);
    await until(() => found.length === 3);
    await runtime.stop(5000);
    expect(found).toEqual([deep(2), deep(512), '{"n":2}']);
    expect(unbalancedComponents(runtime.stats())).toEqual({});
    const letters = await lettersIn(dataDir);
    expect(letters.map(({ head, data }) => [head.component, head.reason, JSON.parse(data).raw])).toEqual([
      ["in", "too_deep", deep(513)],
      ["in", "too_deep", deep(6000)],
    ]);
    expect(letters[0]!.head.message).toContain("nested deeper than 512 levels");
  });
});

describe("data that JSON cannot represent", () => {
  const circle: Record<string, unknown> = { n: 3 };
  circle["self"] = circle;
  const bad: readonly unknown[] = [{ n: 1n }, circle, [1], { toJSON: () => undefined }];
  const planted = eachOf((event) => [
    ...bad.map((data, index) => withData(event, data as Data, `bad-${index}`)),
    withData(event, { n: 5 }, () => {
      throw new Error("no id");
    }),
    withData(event, { n: 6 }, "good"),
  ]);
  // Data is checked behind a transform, unless its plugin is trusted: then a sink finds out.
  const trusted = new Set([planted]);
  const run = async (delivering: Partial<Delivering>, expected: readonly string[] = ['{"n":6}']) => {
    const { found, plugin } = texts();
    const dataDir = temporaryDir();
    const plan = topology({
      in: [written(["{}"])],
      plant: [planted, ["in"]],
      out: [plugin, ["plant"], delivering],
    });
    const { runtime } = await startRun(plan, dataDir, { trusted });
    await until(() => {
      const { component_received_events_total: received, component_in_flight_events: left } =
        runtime.stats().components["out"]!;
      return received === 6 && left === 0;
    });
    await runtime.stop(5000);
    expect(found).toEqual(expected);
    expect(unbalancedComponents(runtime.stats())).toEqual({});
    return { out: runtime.stats().components["out"]!, dataDir };
  };

  it("is described in the dead letter by a sink, and cannot be replayed", async () => {
    const { out, dataDir } = await run({});
    expect(out.component_dead_letter_events_total).toEqual({ not_json_data: 5 });
    const letters = await lettersIn(dataDir);
    expect(letters.map(({ head }) => [head.id, head.component, head.reason, head.message])).toEqual([
      ["bad-0", "out", "not_json_data", 'the value at "n" is a BigInt, which JSON does not have'],
      ["bad-1", "out", "not_json_data", 'the value at "self" is a circular reference to an object that contains it'],
      ["bad-2", "out", "not_json_data", "the data is an array; it must be a JSON object"],
      ["bad-3", "out", "not_json_data", 'the value at "toJSON" is a function, which JSON does not have'],
      ["in/s@0", "out", "not_json_data", "cannot compute the event's id: no id"],
    ]);
    expect(JSON.parse(letters[0]!.data)).toEqual({ raw: "{ n: 1n }" });
    const { plugin } = texts();
    const plan = topology({ in: [written(["{}"])], plant: [planted, ["in"]], out: [plugin, ["plant"]] });
    const { runtime } = await startRun(plan, dataDir, { trusted });
    const { replayed, refused } = await runtime.desk.replay({});
    expect(replayed).toBe(0);
    expect(refused.map(({ why }) => why)).toEqual(["its data was not JSON, and only a description of it was kept"]);
    await runtime.stop(5000);
  });

  it("is dropped and counted, if the sink has a queue in memory", async () => {
    const { out } = await run({ required: false });
    expect(out.component_dropped_events_total).toEqual({ not_json_data: 5 });
  });

  it("is distinguished from events for which there is no room", async () => {
    const { out, dataDir } = await run({ buffer: { type: "disk", maxSize: 1, whenFull: "dead_letter" } }, []);
    expect(out.component_dead_letter_events_total).toEqual({ not_json_data: 5, outbox_full: 1 });
    expect((await lettersIn(dataDir)).map(({ head }) => head.reason).sort()).toEqual([
      ...Array(5).fill("not_json_data"),
      "outbox_full",
    ]);
  });
});
