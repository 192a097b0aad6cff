/** The rules and transforms whose state is moved: each kind of state that there is, on both kinds of time. */

const rule = (number: number, name: string, members: object) => ({
  id: `0d4f6c53-3a0e-4a5f-8f5c-52f0a4cf7b${String(number).padStart(2, "0")}`,
  name,
  title: name,
  description: "For tests.",
  severity: "low",
  risk_score: 1,
  created: "2026-01-01",
  timestamp: "at",
  ...members,
});

const sequence = (text: string) => ({
  type: "eql",
  query: text,
  correlation: { lateness: "2s", tiebreaker: "number" },
});

export const rules = [
  rule(1, "new_user", {
    type: "new_terms",
    query: "letter:*",
    new_terms: { fields: ["user", "letter"], window: "20s" },
  }),
  rule(2, "burst", {
    type: "threshold",
    query: "letter:(A or B)",
    threshold: { fields: ["user"], value: 3, window: "8s" },
  }),
  rule(3, "spread", {
    type: "threshold",
    query: "letter:*",
    threshold: { fields: [], value: 4, cardinality: [{ field: "letter", value: 3 }], window: "6s" },
    timestamp: "event.ingested",
  }),
  rule(4, "pair", sequence('sequence by user with maxspan=9s [any where letter == "A"] [any where letter == "B"]')),
  rule(5, "alone", sequence('sequence by user with maxspan=7s [any where letter == "A"] ![any where letter == "C"]')),
  rule(6, "at_once", {
    ...sequence('sequence by user [any where letter == "A"] [any where letter == "C"] until [any where letter == "B"]'),
    timestamp: "event.ingested",
  }),
  rule(7, "sampled", {
    type: "eql",
    query: 'sample by user [any where letter == "A"] [any where letter == "C"]',
    correlation: { window: "9s" },
  }),
  rule(8, "held", { type: "query", query: "letter:A" }),
  rule(9, "capped", { type: "query", query: "letter:(A or B)" }),
];

export const transforms = {
  alerts: {
    type: "detection",
    rules: rules.map(({ name }) => `${name}.yaml`),
    overrides: {
      held: { suppression: { group_by: ["user"], duration: "5s" } },
      capped: { max_alerts: { count: 2, every: "6s" } },
    },
  },
  learning: {
    type: "detection",
    rules: ["new_user.yaml", "burst.yaml", "pair.yaml", "held.yaml"],
    learn_for: "15s",
  },
  seen: { type: "new_terms", fields: ["user", "letter"], window: "20s", timestamp: "at", learn_for: "5s" },
  once: { type: "dedupe", fields: ["user", "letter"], window: "6s" },
  slow: { type: "throttle", limit: 1, every: "4s", burst: 2, by: ["user"], summary: true },
  counts: {
    type: "aggregate",
    values: { n: "count", users: "distinct(user)", letters: "values(letter)", mean: "avg(number)" },
    by: ["letter"],
    window: "4s",
    slide: "2s",
  },
  late_counts: {
    type: "aggregate",
    values: { n: "count" },
    by: ["user"],
    window: "5s",
    timestamp: "at",
    lateness: "2s",
  },
  joined: { type: "reduce", by: ["user"], ends_when: "letter:C", pause: "3s", max_events: 4 },
} as const;
