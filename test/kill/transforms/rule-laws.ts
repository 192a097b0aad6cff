import { expect } from "vitest";
import { PlainLimit } from "../../../src/detection/limits/testing/plain-limit.ts";
import { PlainThreshold } from "../../../src/detection/threshold/testing/plain-threshold.ts";
import { expectSame } from "../laws.ts";
import { limits, thresholds } from "./rules.ts";
import type { Seen, Sent } from "./sent.ts";

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
export const expectThresholds = (seen: readonly Seen[], sent: readonly Sent[]): void => {
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
export const expectLimits = (seen: readonly Seen[], sent: readonly Sent[]): void => {
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
