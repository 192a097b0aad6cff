import { expect, it } from "vitest";
import { type Event, RecordMeta } from "../../event.ts";
import { fingerprint as hash } from "../../fingerprint.ts";
import type { State } from "../../state.ts";
import { KeepRun } from "../../testing/keep-run.ts";
import { detect } from "../detect.ts";
import { ahead, ruleOf, start } from "../eql/testing/rule.ts";
import type { Rule } from "../rule.ts";
import type { ThresholdRule } from "../threshold/rule-type.ts";

const event = (source: string, at: number, kind: string): Event => ({
  data: { user: "ann", kind, "door.time": start + at },
  meta: new RecordMeta(source, "log", at, start + ahead + at),
});

const run = (rule: Rule, learnFor?: number) =>
  new KeepRun({
    id: "rules",
    outputs: [],
    build: (state: State) => detect({ rules: [rule], id: "rules", baseline: {}, learn_for: learnFor, state, hash }),
  });

const past = (at: number, kind: string) => event("rules:baseline", at, kind);
const live = (at: number, kind: string) => event("log", at, kind);

/** Without building blocks. */
const alerts = ({ result }: KeepRun) =>
  result.sent.filter(({ event }) => event.data["kibana.alert.building_block_type"] === undefined).length;

const sequence = ruleOf('sequence by user [any where kind == "a"] [any where kind == "b"]');

it("a sequence that a tick finds in a baseline raises nothing, also when the tick comes late", () => {
  const keep = run(sequence);
  keep.batch([past(0, "a"), past(1, "b"), past(2, "a")]);
  keep.batch([live(50, "x")]);
  keep.tick({ tick: start + ahead + 60, idle: 0 });
  expect(alerts(keep)).toBe(0);
});

it("a sequence that begins in a baseline and ends live is raised", () => {
  const keep = run(sequence);
  keep.batch([past(0, "a"), live(10, "b"), live(50, "x")]);
  keep.tick({ tick: start + ahead + 60, idle: 0 });
  expect(alerts(keep)).toBe(1);
});

it("a sequence is held back by when its last event was, and not by when a tick found it", () => {
  const keep = run(sequence, 20);
  keep.batch([live(0, "a"), live(19, "b"), live(21, "a"), live(22, "b"), live(90, "x")]);
  keep.tick({ tick: start + ahead + 100, idle: 0 });
  expect(alerts(keep)).toBe(1);
});

it("a sequence is held back, too, that a tick finds before the first event after a restart", () => {
  const keep = run(sequence, 20);
  keep.batch([live(0, "a"), live(19, "b"), live(21, "a"), live(22, "b"), live(90, "x")]);
  keep.restart();
  keep.tick({ tick: start + ahead + 100, idle: 0 });
  expect(alerts(keep)).toBe(1);
});

it("a threshold goes on counting what was seen in a baseline, and does not raise it again", () => {
  const rule: ThresholdRule = {
    ...sequence,
    type: "threshold",
    query: "kind: a",
    threshold: { fields: ["user"], value: 2, cardinality: [], window: 100, lateness: 100 },
  };
  const keep = run(rule);
  keep.batch([past(0, "a"), past(1, "a"), past(2, "a")]);
  expect(alerts(keep)).toBe(0);
  keep.batch([live(3, "a"), live(4, "a")]);
  expect(alerts(keep)).toBe(1);
});
