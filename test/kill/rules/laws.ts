import { expect } from "vitest";
import { PlainLimit } from "../../../src/detection/limits/testing/plain-limit.ts";
import { PlainThreshold } from "../../../src/detection/threshold/testing/plain-threshold.ts";
import { plainly } from "../../../src/eql/testing/plain-sequences.ts";
import { expectSame } from "../laws.ts";
import type { Killed } from "../transforms/run.ts";
import type { Seen, Sent } from "../transforms/sent.ts";
import { type detections, limits, sequences, thresholds } from "./rules.ts";

interface Found {
  readonly event_id: string;
  readonly terms: readonly { readonly value: string }[];
  readonly count: number;
  readonly from: string;
  readonly to: string;
}

const foundText = (rule: string, { event_id, terms, count, from, to }: Found): string =>
  JSON.stringify([rule, event_id, terms.map(({ value }) => value), count, Date.parse(from), Date.parse(to)]);

/** A threshold raises the alerts of a plain loop over all events that it saw, each once. */
const expectThresholds = (seen: readonly Seen[], sent: readonly Sent[]): void => {
  const expected = Object.entries(thresholds).flatMap(([rule, { fields, ...options }]) => {
    const groups = new Map<string, PlainThreshold>();
    return seen.flatMap(({ key, time, v, seen: { id } }) => {
      if (fields.length > 0 && key === undefined) return [];
      const terms = fields.length > 0 ? [key!] : [];
      const group = groups.get(terms.join()) ?? new PlainThreshold(options);
      groups.set(terms.join(), group);
      const alert = group.add({ at: time, values: [String(v)] });
      return alert ? [JSON.stringify([rule, id, terms, alert.count, alert.from, alert.to])] : [];
    });
  });
  const found = sent.map((one) =>
    foundText(one["kibana.alert.rule.name"] as string, (one["weir"] as { threshold: Found }).threshold),
  );
  expectSame(found, expected);
  expect(found.length).toBe(expected.length);
  for (const rule of Object.keys(thresholds)) expect(found.some((text) => text.startsWith(`["${rule}"`))).toBe(true);
};

interface Told {
  readonly by: keyof typeof limits;
}

/** What passes a limit is what a plain loop lets through, and the summaries tell of all that did not. */
const expectLimits = (seen: readonly Seen[], sent: readonly Sent[]): void => {
  for (const [by, { most, within }] of Object.entries(limits)) {
    const limit = new PlainLimit(most, within);
    const passed = seen.filter(({ key, seen: { at } }) => limit.passes(by === "capped" ? "all" : (key ?? ""), at));
    limit.tick(Number.POSITIVE_INFINITY);
    const own = sent.filter((one) => one["kibana.alert.rule.name"] === by);
    const [alerts, summaries] = [own.filter(({ n }) => n !== undefined), own.filter(({ n }) => n === undefined)];
    expect(alerts.map(({ n }) => n)).toEqual(passed.map(({ n }) => n));
    const told = summaries.map((one) => {
      expect((one["weir"] as { held_back: Told }).held_back.by).toBe(by);
      const terms = one["kibana.alert.suppression.terms"] as readonly { readonly value: readonly string[] }[];
      const group = by === "capped" ? "all" : terms[0]!.value.join();
      const begin = Date.parse(one["kibana.alert.suppression.start"] as string);
      return JSON.stringify([group, begin, one["kibana.alert.suppression.docs_count"]]);
    });
    expect(told.toSorted()).toEqual(limit.summaries.toSorted());
    expect(passed.length).toBeLessThan(seen.length);
  }
};

/** The numbers of the events of each sequence, with the name of its rule. */
const sequencesIn = (sent: readonly Sent[]): string[] => {
  const numbers = new Map<unknown, unknown>();
  for (const one of sent) if (one["kibana.alert.depth"] === 1) numbers.set(one["kibana.alert.uuid"], one["n"]);
  return sent
    .filter((one) => one["kibana.alert.depth"] === 2)
    .map((one) => {
      const ancestors = one["kibana.alert.ancestors"] as readonly { readonly type: string; readonly id: string }[];
      const steps = ancestors.filter(({ type }) => type === "signal").map(({ id }) => numbers.get(id));
      return JSON.stringify([one["kibana.alert.rule.name"], ...steps]);
    });
};

/** The sequences are those of a plain loop over the events in the order of their times, each once. */
const expectSequences = (seen: readonly Seen[], sent: readonly Sent[]): void => {
  const keyed = seen.filter(({ key }) => key !== undefined).toSorted((a, b) => a.time - b.time || a.n - b.n);
  const byKey = Map.groupBy(keyed, ({ key }) => key);
  const expected = Object.entries(sequences).flatMap(([rule, { maxspan, stages }]) =>
    [...byKey.values()].flatMap((own) => {
      const steps = own.map(({ time, v }) => ({
        time,
        stages: stages.flatMap(({ matches }, stage) => (matches(v) ? [stage] : [])),
        isUntil: false,
      }));
      return plainly({ missing: stages.map(({ missing }) => missing), maxspan }, steps).map((sequence) =>
        JSON.stringify([rule, ...sequence.flatMap((step) => (step === undefined ? [] : own[step]!.n))]),
      );
    }),
  );
  expect(sequencesIn(sent).sort()).toEqual(expected.sort());
  for (const rule of Object.keys(sequences)) expect(expected.some((text) => text.startsWith(`["${rule}"`))).toBe(true);
};

/** What the rules raised is what plain loops over the events raise, and nothing changed when it came again. */
export const expectRuleLaws = ({ seen, sent }: Killed<keyof typeof detections>): void => {
  for (const documents of Object.values(sent)) expect(documents.changed).toEqual([]);
  expectSequences(seen, sent.sequences.events);
  expectThresholds(seen, sent.thresholds.events);
  expectLimits(seen, sent.limits.events);
};
