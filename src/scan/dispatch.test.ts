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
