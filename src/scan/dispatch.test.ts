import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MemberPlan, ScanPlan } from "./plan.ts";
import { mutated, randomOf } from "./testing/mutator.ts";
import { type Judgement, Oracle } from "./testing/oracle.ts";
import { lineText, planned, randomSet, values } from "./testing/plans.ts";
import { scanners, type Whole, wholeLines } from "./testing/scans.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const runSeed = Number(process.env["WEIR_SEED"] ?? 1);

/** What a scanner said of each line. */
const judgements = (lines: readonly string[], block: Buffer, { found }: Whole): Judgement[] => {
  const byStart = new Map(found.map((one) => [one.start, one]));
  let start = 0;
  return lines.map((line) => {
    const one = byStart.get(start);
    start += line.length + 1;
    if (one === undefined) return { why: "passed" };
    // Millions of calls of `expect` would take longer than the scans.
    if (one.end !== one.start + line.length) expect(one.end).toBe(one.start + line.length);
    if (one.why !== "unknown") return { why: one.why };
    const value = block.toString("latin1", one.valueStart, one.valueEnd);
    return { why: one.why, leaf: one.leaf, ...(value !== "" && { value }) };
  });
};

/** How many envelopes were opened. */
let opened = 0;

/** Expects of both scanners what the oracle says of each line, after they learned the same. */
const expectAsJudged = (plan: ScanPlan, seed: number, lines: readonly string[]): Judgement[] => {
  const random = randomOf(seed);
  const oracle = new Oracle(plan);
  const both = scanners(plan);
  for (const leaf of plan.leaves.keys()) {
    for (const json of values) {
      const bytes = Buffer.from(json);
      if (bytes.length > 255 || random(3) > 0) continue;
      const set = randomSet(plan.alternatives, random);
      oracle.learn(leaf, bytes.toString("latin1"), set);
      for (const scanner of both) if (!scanner.learn(leaf, bytes, set)) expect.fail(`"${json}" is not learned`);
    }
    if (random(4) > 0) continue;
    const set = randomSet(plan.alternatives, random);
    oracle.open(leaf, set);
    for (const scanner of both) scanner.open(leaf, set);
  }
  const block = Buffer.from(`${lines.join("\n")}\n`, "latin1");
  const expected = lines.map((line) => oracle.judge(line));
  opened += oracle.opened;
  for (const scanner of both) {
    const found = judgements(lines, block, wholeLines(scanner, block));
    if (JSON.stringify(found) !== JSON.stringify(expected)) expect(found).toEqual(expected);
  }
  return expected;
};

const latin1 = (text: string): string => Buffer.from(text).toString("latin1");

describe("which records are found", () => {
  it("follows from the plan, whatever it is, and from what is known", () => {
    const counts = { passed: 0, wanted: 0, asked: 0, unknown: 0 };
    fc.assert(
      fc.property(planned, fc.array(lineText, { minLength: 8, maxLength: 30 }), ({ plan, seed }, records) => {
        const random = randomOf(seed);
        const lines = records.map(latin1);
        const changed = lines.map((line) => mutated(line, random));
        for (const { why } of expectAsJudged(plan, seed, [...lines, ...changed])) counts[why]++;
      }),
      { numRuns: isLong ? 6_000 : 300 },
    );
    for (const count of [...Object.values(counts), opened]) expect(count).toBeGreaterThan(20);
  });

  it("follows from the parts that texts have, whatever their case and however they are written", () => {
    const counts = { passed: 0, wanted: 0, asked: 0, unknown: 0 };
    const letters = fc.constantFrom(..."abAB_@.");
    // A quote is in no text without escapes, but around it.
    const partUnit = fc.oneof({ weight: 9, arbitrary: letters }, fc.constant('"'));
    const part = fc
      .tuple(fc.string({ unit: partUnit, minLength: 1, maxLength: 6 }), fc.nat({ max: 9 }))
      .map(([text, many]) => (many === 0 ? text.repeat(8) : text));
    const unit = fc.oneof(
      { weight: 60, arbitrary: letters },
      fc.constantFrom("é", "ſ", "\\u0061", "\\u0041", "\\u00e9", "\\/", "\\\\", '\\"', "\\n", "ababab_.".repeat(9)),
    );
    const text = fc.oneof(
      { weight: 20, arbitrary: fc.string({ unit, minLength: 1, maxLength: 24 }) },
      fc.constantFrom("a".repeat(254), `${"\\u0062".repeat(682)}a`, `${"\\u0062".repeat(682)}aaa`, ""),
    );
    const set = fc.constantFrom(0, 1, 2, 4, 5, 7).map((bits) => new Uint32Array([bits]));
    const leaf = fc.record({
      absent: set,
      otherTexts: fc.option(set, { nil: undefined, freq: 9 }),
      parts: fc.option(fc.array(fc.record({ text: part, alternatives: set }), { maxLength: 6 }), { nil: undefined }),
    });
    const member = (number: number): MemberPlan => ({ types: ["string"], leaf: number });
    const lines = fc.array(fc.tuple(text, text), { minLength: 10, maxLength: 30 });
    fc.assert(
      fc.property(leaf, leaf, fc.nat(), lines, (first, second, seed, pairs) => {
        const plan: ScanPlan = {
          root: {
            members: new Map([
              ["a", member(0)],
              ["b", member(1)],
            ]),
            others: "free",
            hasPaths: false,
          },
          alternatives: 3,
          leaves: [first, second],
        };
        const records = pairs.map(([a, b]) => latin1(`{"a":"${a}","b":"${b}"}`));
        for (const { why } of expectAsJudged(plan, seed, records)) counts[why]++;
      }),
      { numRuns: isLong ? 10_000 : 200 },
    );
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(50);
  });

  it("follows from a plan for audit events, of which some have changed", () => {
    const sample = readFileSync(fileURLToPath(new URL("../../examples/audit-sample.log", import.meta.url)), "latin1")
      .split("\n")
      .filter((line) => line !== "");
    const text: MemberPlan = { types: ["string"] };
    const [none, second] = [0, 2].map((bits) => new Uint32Array([bits]));
    const plan: ScanPlan = {
      root: {
        members: new Map<string, MemberPlan>([
          ["auditID", { types: ["string"], isRequired: true }],
          ["verb", { types: ["string"], isRequired: true, leaf: 0 }],
          [
            "user",
            {
              types: ["object"],
              object: { members: new Map([["username", { ...text, leaf: 2 }]]), others: "free", hasPaths: true },
            },
          ],
          [
            "objectRef",
            {
              types: ["object"],
              object: {
                members: new Map([
                  ["resource", { ...text, leaf: 1 }],
                  ["name", text],
                ]),
                others: "free",
                hasPaths: true,
              },
            },
          ],
          ["sourceIPs", { types: ["array"], leaf: 3 }],
        ]),
        others: "free",
        hasPaths: true,
      },
      envelope: { text: "log", beside: ["date", "stream"] },
      alternatives: 2,
      leaves: [
        { absent: none!, otherTexts: new Uint32Array([3]) },
        { absent: second!, otherTexts: undefined },
        { absent: none!, otherTexts: new Uint32Array([3]) },
        { absent: none!, otherTexts: none! },
      ],
    };
    const random = randomOf(runSeed);
    const counts = { passed: 0, wanted: 0, asked: 0, unknown: 0 };
    const line = (): string => {
      const record = sample[random(sample.length)]!;
      if (random(2) === 0) return mutated(record, random);
      const log = random(2) === 0 ? record : mutated(record, random);
      return mutated(JSON.stringify({ date: 1772438400.25, log: random(2) === 0 ? log : `${log}\n` }), random);
    };
    opened = 0;
    for (let round = 0; round < (isLong ? 2500 : 250); round++) {
      const lines = Array.from({ length: isLong ? 400 : 40 }, line);
      for (const { why } of expectAsJudged(plan, random(2 ** 32), lines)) counts[why]++;
    }
    for (const count of [...Object.values(counts), opened]) expect(count).toBeGreaterThan(20);
  });
});
