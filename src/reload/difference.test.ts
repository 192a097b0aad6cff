import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import { loadPipelineFile } from "../cli/load-file.ts";
import { comparedOf } from "./compared.ts";
import { type Difference, differenceOf, replacedBy } from "./difference.ts";
import { differenceText, summaryOf } from "./difference-text.ts";

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "weir-reload-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

const compared = async (path: string, pipeline: unknown) => {
  const file = join(path, "pipeline.yaml");
  writeFileSync(file, JSON.stringify(pipeline));
  const loaded = await loadPipelineFile(file);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  return comparedOf(loaded.value);
};

const idsOf = ({ changes }: Difference, how: string): string[] =>
  changes.filter((change) => change.how === how).map(({ id }) => id);

/** Sources a…, each with some sinks; every component with a number as an option that can change. */
const plan = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom("a", "b", "c", "d"),
    rate: fc.integer({ min: 1, max: 2 }),
    sinks: fc.uniqueArray(fc.record({ id: fc.nat({ max: 3 }), size: fc.integer({ min: 1, max: 2 }) }), {
      selector: ({ id }) => id,
      minLength: 1,
      maxLength: 3,
    }),
  }),
  { selector: ({ id }) => id, minLength: 1 },
);
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

const pipelineOf = (plan: Plan) => ({
  sources: Object.fromEntries(plan.map(({ id, rate }) => [id, { type: "demo", rate }])),
  sinks: Object.fromEntries(
    plan.flatMap(({ id, sinks }) =>
      sinks.map((sink) => [
        `${id}${sink.id}`,
        { type: "blackhole", inputs: [id], buffer: { max_size: `${sink.size + 8}MiB` } },
      ]),
    ),
  ),
});

it("says of each component whether it is added, changed, removed, restarted or kept, as a plain comparison does", async () => {
  const path = folder();
  await fc.assert(
    fc.asyncProperty(plan, plan, async (old, next) => {
      const [from, to] = [pipelineOf(old), pipelineOf(next)];
      const difference = differenceOf(await compared(path, from), await compared(path, to));
      const [before, after] = [from, to].map(
        ({ sources, sinks }) =>
          new Map(Object.entries({ ...sources, ...sinks }).map(([id, options]) => [id, JSON.stringify(options)])),
      ) as [Map<string, string>, Map<string, string>];
      const changed = [...after.keys()].filter((id) => before.has(id) && before.get(id) !== after.get(id));
      const added = [...after.keys()].filter((id) => !before.has(id));
      const removed = [...before.keys()].filter((id) => !after.has(id));
      const parts = new Set([...changed, ...added, ...removed].map((id) => id[0]));
      const same = [...after.keys()].filter((id) => before.get(id) === after.get(id));
      expect(
        [idsOf(difference, "added"), idsOf(difference, "changed"), idsOf(difference, "removed")].map(sorted),
      ).toEqual([added, changed, removed].map(sorted));
      expect(sorted(difference.restarted)).toEqual(sorted(same.filter((id) => parts.has(id[0]))));
      expect(sorted(difference.kept)).toEqual(sorted(same.filter((id) => !parts.has(id[0]))));
      expect(sorted([...replacedBy(difference)])).toEqual(
        sorted([...changed, ...added, ...removed, ...difference.restarted]),
      );
    }),
    { numRuns: 30 },
  );
});

const sorted = (ids: readonly string[]): string[] => [...ids].sort();

it("notices what is not in the file: a rule, a secret, a certificate; and what a glob stands for", async () => {
  const path = folder();
  const write = (name: string, text: string) => {
    writeFileSync(join(path, name), text);
    return join(path, name);
  };
  const rule = (query: string) =>
    write(
      "rule.yaml",
      JSON.stringify({
        id: "6f2d7f6e-52a4-4c3e-8f57-1f0a3b7c9d11",
        version: 1,
        title: "Odd",
        description: "Odd.",
        type: "query",
        query,
        severity: "low",
        risk_score: 1,
        created: "2026-07-01",
        license: "Apache-2.0",
      }),
    );
  const token = write("token", "one");
  const [certificate, key] = [write("weir.crt", "one"), write("weir.key", "one")];
  const pipeline = (more = {}) => ({
    sources: {
      web: { type: "http_server", tls: { certificate, key }, auth: { tokens: [`\${file:${token}}`] } },
      ...more,
    },
    transforms: { odd: { type: "detection", inputs: ["w*"], rules: [rule("a:1")] } },
    sinks: { out: { type: "blackhole", inputs: ["odd"] }, all: { type: "blackhole", inputs: ["web"] } },
  });
  const first = await compared(path, pipeline());
  const differs = async (next: unknown) => differenceOf(first, await compared(path, next)).changes;
  expect(await differs(pipeline())).toEqual([]);

  write("weir.crt", "two");
  expect(await differs(pipeline())).toMatchObject([
    { id: "web", how: "changed", details: [{ what: "the file of tls.certificate has changed" }] },
  ]);
  write("weir.crt", "one");
  write("token", "two");
  const secret = await differs(pipeline());
  expect(secret).toMatchObject([{ id: "web", details: [{ option: "auth.tokens", isSecret: true }] }]);
  expect(JSON.stringify(secret)).not.toContain("two");
  write("token", "one");

  const more = await differs(pipeline({ wide: { type: "demo" } }));
  expect(more).toMatchObject(
    [
      { id: "odd", details: [{ option: "inputs", from: ["web"], to: ["web", "wide"] }] },
      { id: "wide", how: "added" },
    ].sort((a, b) => more.findIndex(({ id }) => id === a.id) - more.findIndex(({ id }) => id === b.id)),
  );

  const next = pipeline();
  rule("a:2");
  const edited = differenceOf(first, await compared(path, next));
  expect(edited.changes).toMatchObject([
    { id: "odd", details: [{ what: expect.stringContaining("rule.yaml was edited") }] },
  ]);
  expect(summaryOf(edited)).toBe("changed odd; restarted with it web, out, all");
});

it("names and counts what the pipelines name, and not what reads a baseline", async () => {
  const path = folder();
  const pipeline = (rate: number, from: string) => ({
    sources: { in: { type: "demo" }, other: { type: "demo", rate } },
    transforms: {
      all: { type: "filter", inputs: ["in"], where: "a: *" },
      seen: { type: "new_terms", inputs: ["all"], fields: ["a"], baseline: { from: [from] } },
    },
    sinks: { out: { type: "blackhole", inputs: ["seen"] }, more: { type: "blackhole", inputs: ["other"] } },
  });
  const before = await compared(path, pipeline(1, "old.log"));
  const other = differenceOf(before, await compared(path, pipeline(2, "old.log")));
  expect(summaryOf(other)).toBe("changed other; restarted with it more; 4 components not touched");
  const changed = differenceOf(before, await compared(path, pipeline(1, "older.log")));
  expect(differenceText(changed)).not.toContain(":baseline");
});
