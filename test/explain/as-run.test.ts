import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { loadPipelineFile } from "../../src/cli/load-file.ts";
import { trusted } from "../../src/cli/plugins.ts";
import { changesBetween, leavesOf } from "../../src/explain/changes.ts";
import { type Explanation, explainPipeline } from "../../src/explain/explain.ts";
import type { Data } from "../../src/json.ts";
import { parseJson } from "../../src/parse-json.ts";
import type { Expectation } from "../../src/pipeline-tests/format/test.ts";
import { runPipelineTest } from "../../src/pipeline-tests/run/trial.ts";
import { folderOf } from "../pipeline-tests/weir-test.ts";

const pipeline = `
sources: { in: { type: stdin, codec: json } }
transforms:
  shape:
    type: remap
    inputs: [in]
    steps:
      - convert: { n: integer }
        on_failure: ignore
      - rename: { a: b.c }
        where: "a:*"
        on_failure: [{ set: { error.message: "{{ a }}" } }]
      - drop: { where: "n:0" }
      - split: { field: tags, separator: "," }
  levels: { type: route, inputs: [shape], routes: { low: "n < 3", high: "n > 2" } }
  fresh: { type: dedupe, inputs: [levels.high], fields: [n], window: 1m }
  counts: { type: aggregate, inputs: [levels.low], window: 1m, by: [n], values: { count: count } }
sinks:
  all: { type: blackhole, inputs: [shape] }
  some: { type: blackhole, inputs: [fresh, levels.unmatched] }
  sums: { type: blackhole, inputs: [counts] }
`;

const sinks = ["all", "some", "sums"];
const event = fc.record(
  {
    n: fc.oneof(fc.nat(5), fc.constantFrom("1", "4", "x", 12345678901234567890n.toString())),
    a: fc.constantFrom("one", "two", 7),
    b: fc.constantFrom("text", { d: 1 }),
    tags: fc.constantFrom("x,y", "z", 1),
    __proto__: fc.constant({ x: 1 }),
  },
  { requiredKeys: ["tags"] },
);

const at = Date.UTC(2026, 0, 1);

const arrivedAt = ({ stories }: Explanation, sink: string): Data[] =>
  stories.flatMap(({ arrived }) =>
    arrived.filter((one) => one.sink === sink).map(({ json }) => parseJson(json) as Data),
  );

it("what arrives in an explanation is what arrives in a test, which is what a run delivers", async () => {
  const loaded = await loadPipelineFile(join(folderOf({ "p.yaml": pipeline }), "p.yaml"));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { topology } = loaded.value;
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 8 }), async (events) => {
      const input = { texts: events.map((one) => JSON.stringify(one)) };
      const explanation = await explainPipeline(topology, { into: "in", input, at, advance: 120_000 }, trusted);
      const expectations = sinks.map((from): Expectation => {
        const equals = arrivedAt(explanation, from);
        const rest = { where: undefined, contains: undefined, inOrder: false, line: 0 };
        return { kind: "expect", from, equals, count: equals.length, ...rest };
      });
      const steps = [
        { kind: "send", line: 0, into: "in", input } as const,
        { kind: "advance", line: 0, by: 120_000 } as const,
      ];
      const surroundings = { env: {}, files: {} };
      const test = { name: "", file: "", line: 0, start: at, surroundings, steps: [...steps, ...expectations] };
      expect(await runPipelineTest(topology, test, trusted)).toEqual([]);
      for (const story of explanation.stories) expectSound(story);
    }),
    { numRuns: 15 },
  );
});

/** What the steps of a story show, one after the other, leads from the event that entered to what arrived. */
const expectSound = ({ json, visits, arrived }: Explanation["stories"][number]): void => {
  const first = leavesOf(parseJson(json!) as Data);
  const shape = visits.find(({ component }) => component === "shape");
  for (const { sink, json: end } of arrived.filter(({ sink }) => sink === "all")) {
    const fields = new Map([...first].map(([key, { value }]) => [key, value]));
    for (const { changes } of [...shape!.steps, { changes: shape!.sent[0]!.rest }])
      for (const { field, before, after } of changes) {
        const key = JSON.stringify(field);
        expect(fields.get(key)).toBe(before);
        if (after === undefined) fields.delete(key);
        else fields.set(key, after);
      }
    const last = leavesOf(parseJson(end) as Data);
    expect(fields, sink).toEqual(new Map([...last].map(([key, { value }]) => [key, value])));
  }
};

it("changes lead from one event to the other", () => {
  const data = fc.dictionary(fc.constantFrom("a", "b", "a.b", "__proto__"), fc.jsonValue({ maxDepth: 3 }));
  fc.assert(
    fc.property(data, data, (before, after) => {
      const [from, to] = [leavesOf(before), leavesOf(after)];
      const fields = new Map([...from].map(([key, { value }]) => [key, value]));
      for (const { field, before: was, after: is } of changesBetween(from, to)) {
        expect(fields.get(JSON.stringify(field))).toBe(was);
        if (is === undefined) fields.delete(JSON.stringify(field));
        else fields.set(JSON.stringify(field), is);
      }
      expect(fields).toEqual(new Map([...to].map(([key, { value }]) => [key, value])));
      expect(changesBetween(from, from)).toEqual([]);
    }),
  );
});
