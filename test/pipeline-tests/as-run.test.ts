import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { folderOf, weir } from "./weir-test.ts";

const pipeline = `
sources: { in: { type: file, include: [in.log], follow: false, codec: json, max_line: 200 } }
transforms:
  big: { type: filter, inputs: [in], where: "n >= 2" }
  seen: { type: new_terms, inputs: [big], fields: [user.name], window: 1h, timestamp: "@timestamp" }
sinks:
  big_ones: { type: file, inputs: [big], path: big.ndjson }
  new_ones: { type: file, inputs: [seen], path: new.ndjson }
`;

const times = ["2026-01-01T00:00:00Z", "2026-01-01T00:30:00Z", "2026-01-01T02:00:00Z", "2026-01-01T04:00:00Z"];
const event = fc.record({
  n: fc.integer({ min: 0, max: 4 }),
  user: fc.record({ name: fc.constantFrom("marta", "mira", "yuki") }),
  "@timestamp": fc.constantFrom(...times),
});
const record = fc.oneof(
  { weight: 9, arbitrary: event.map((data) => JSON.stringify(data)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "no JSON",
      "[]",
      "",
      '{"n":7.50,"n":7.50}',
      `"${"x".repeat(300)}"`,
      '{"n":12345678901234567890}',
    ),
  },
);
/** Records, and what happens between them. */
const script = fc.array(
  fc.record({
    records: fc.array(record, { minLength: 1, maxLength: 12 }),
    after: fc.constantFrom("", "restart", "crash"),
  }),
  { minLength: 1, maxLength: 8 },
);

interface Letter {
  readonly component: string;
  readonly reason: string;
}

/** An event without what `new_terms` adds, which contains the id of the file. */
const readData = (event: unknown) => {
  const { weir: _, ...data } = event as Readonly<Record<string, unknown>>;
  return data;
};

const linesOf = (text: string): unknown[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

/** The events that a real run writes to its files, and its dead letters. */
const realRun = async (folder: string) => {
  const { code } = await weir(folder, "run", "p.yaml", "--data-dir", "data");
  expect(code).toBe(0);
  const events = (file: string): unknown[] => {
    const path = join(folder, file);
    return existsSync(path) ? linesOf(readFileSync(path, "utf8")) : [];
  };
  const { out } = await weir(folder, "dead-letters", "list", "--data-dir", "data", "--json");
  const letters = (linesOf(out) as Letter[]).map(({ component, reason }) => ({ component, reason }));
  return { big: events("big.ndjson"), fresh: events("new.ndjson"), letters };
};

it("a test sees what a real run of the same records writes, however it is interrupted", async () => {
  await fc.assert(
    fc.asyncProperty(script, async (parts) => {
      const all = parts.flatMap(({ records }) => records);
      const folder = folderOf({ "p.yaml": pipeline, "in.log": all.map((text) => `${text}\n`).join("") });
      const { big, fresh, letters } = await realRun(folder);
      const steps = [
        ...parts.flatMap(({ records, after }) => [{ into: "in", records }, ...(after === "" ? [] : [after])]),
        { expect: "big_ones", equals: big },
        { expect: "new_ones", contains: fresh.map(readData) },
        { expect: "dead_letters", contains: letters },
      ];
      // JSON is YAML too.
      writeFileSync(
        join(folder, "p.test.yaml"),
        JSON.stringify({ tests: [{ name: "as run", start: "2026-02-01", steps }] }),
      );
      const { out } = await weir(folder, "test", "p.yaml");
      expect(out).toBe("✓ p.test.yaml: as run\n1 test: 1 passed, 0 failed\n");
    }),
    { numRuns: process.env["WEIR_LONG"] ? 30 : 1, endOnFailure: true },
  );
});
