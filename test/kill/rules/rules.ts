import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** The rules that the oracle knows, too. Times in milliseconds; the lateness is longer than any pause of the machine. */
export const thresholds = {
  busy: { fields: ["key"], value: 5, cardinality: 3, window: 3_000, lateness: 60_000 },
  /** So many events that the state of a group is in several parts. */
  crowd: { fields: [], value: 150, cardinality: 0, window: 6_000, lateness: 60_000 },
} as const;

/** Each stage is a condition of EQL on `v`, and what it is for the oracle; `missing`: there must be no such event. */
export const sequences = {
  pair: {
    maxspan: 2_000,
    stages: [
      { where: "v < 0", matches: (v: number) => v < 0, missing: false },
      { where: "v > 6", matches: (v: number) => v > 6, missing: false },
    ],
  },
  alone: {
    maxspan: 1_000,
    stages: [
      { where: "v == 9", matches: (v: number) => v === 9, missing: false },
      { where: "v < 3", matches: (v: number) => v < 3, missing: true },
    ],
  },
} as const;

export const limits = {
  suppressed: { most: 1, within: 300 },
  capped: { most: 5, within: 200 },
} as const;

const ms = (time: number): string => `${time}ms`;

const rule = (number: number, name: string) => ({
  id: `0d4f6c53-3a0e-4a5f-8f5c-52f0a4cf7b4${number}`,
  title: name,
  description: "For tests.",
  severity: "low",
  risk_score: 1,
  created: "2026-11-29",
  query: "n: *",
});

const files = {
  ...Object.fromEntries(
    Object.entries(thresholds).map(([name, { fields, value, cardinality, window, lateness }], index) => [
      name,
      {
        ...rule(index, name),
        type: "threshold",
        timestamp: "time",
        threshold: {
          fields,
          value,
          cardinality: cardinality === 0 ? [] : [{ field: "v", value: cardinality }],
          window: ms(window),
          lateness: ms(lateness),
        },
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(sequences).map(([name, { maxspan, stages }], index) => [
      name,
      {
        ...rule(5 + index, name),
        type: "eql",
        query: [
          `sequence by key with maxspan=${ms(maxspan)}`,
          ...stages.map(({ where, missing }) => `${missing ? "!" : ""}[any where ${where}]`),
        ].join(" "),
        timestamp: "time",
        correlation: { lateness: "60s", tiebreaker: "n" },
      },
    ]),
  ),
  suppressed: {
    ...rule(8, "suppressed"),
    type: "query",
    timestamp: "event.ingested",
    suppression: { group_by: ["key"], duration: ms(limits.suppressed.within) },
  },
  capped: { ...rule(9, "capped"), type: "query", timestamp: "event.ingested" },
};

/** Writes the rules into a folder. */
export const writeRules = (folder: string): void => {
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, `${name}.yaml`), JSON.stringify(content));
};

/** Transforms that run them, by the names of the sinks behind them. */
export const detections = {
  sequences: { type: "detection", inputs: ["seen"], rules: ["pair.yaml", "alone.yaml"] },
  thresholds: { type: "detection", inputs: ["seen"], rules: ["busy.yaml", "crowd.yaml"] },
  limits: {
    type: "detection",
    inputs: ["seen"],
    rules: ["suppressed.yaml", "capped.yaml"],
    overrides: { capped: { max_alerts: { count: limits.capped.most, every: ms(limits.capped.within) } } },
  },
} as const;
