import fc from "fast-check";
import { expect, it } from "vitest";
import { detect } from "../src/detection/detect.ts";
import type { NewTermsRule } from "../src/detection/new-terms/rule-type.ts";
import { plainRule } from "../src/detection/testing/plain-rule.ts";
import { RecordMeta } from "../src/event.ts";
import { fingerprint } from "../src/fingerprint.ts";
import { memoryState } from "../src/transform/memory-state.ts";
import { runStep } from "../src/transform/run-step.ts";

const hour = 3_600_000;
const window = 24 * hour;
const lateness = 6 * hour;

const rule: NewTermsRule = {
  name: "stream_test",
  id: "b4c1f1de-98e2-4b8d-9a8b-3b0b8e0a7c55",
  version: 1,
  title: "Door opened by an unusual owner",
  description: "For tests.",
  type: "new_terms",
  query: "action:open and user_agent.original:(* and not *-trusted)",
  new_terms: { fields: ["source.ip", "user.name", "user_agent.original"], window, lateness },
  timestamp: "door.time",
  severity: "low",
  risk_score: 10,
  ...plainRule,
};

/** A document as a source would have it, and when it happened. */
interface Sent {
  readonly at: number;
  readonly document: {
    readonly action: string;
    readonly ips?: unknown;
    readonly owner?: unknown;
    readonly maker?: unknown;
  };
}

/** Mostly the first value, so that combinations come again; sometimes several, or none. */
const some = (...values: [string, ...string[]]) => {
  const value = fc.oneof(
    { weight: 2, arbitrary: fc.constant(values[0]) },
    { weight: 1, arbitrary: fc.constantFrom(...values) },
  );
  return fc.oneof(
    { weight: 12, arbitrary: value as fc.Arbitrary<unknown> },
    { weight: 4, arbitrary: fc.array(fc.oneof(value, fc.constant(null)), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constantFrom(undefined, null, "x".repeat(1025)) },
  );
};

const documents = fc.record({
  action: fc.constantFrom("open", "open", "open", "open", "close"),
  ips: some("10.1.0.2", "::ffff:10.1.0.2", "10.1.0.1", "not an address", "2001:DB8:0::1", "2001:db8::1"),
  owner: some("ada", "brook"),
  maker: some("acme", "zeta", "gate-trusted"),
});

/** Short steps, steps to either side of the window, and back as far as may be late. */
const gaps = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(0, 1, hour, 7 * hour) },
  { weight: 3, arbitrary: fc.constantFrom(window - 1, window, window + 1) },
  { weight: 3, arbitrary: fc.constantFrom(-1, -hour, -lateness) },
  { weight: 1, arbitrary: fc.constantFrom(3 * window, 6 * window) },
);

const streams = fc
  .array(fc.tuple(gaps, documents), { minLength: 4, maxLength: 24, size: "max" })
  .map((steps): readonly Sent[] => {
    let now = Date.UTC(2026, 5, 1);
    let highest = now;
    return steps.map(([gap, document]) => {
      now = Math.max(now + gap, highest - lateness);
      highest = Math.max(highest, now);
      return { at: now, document };
    });
  });

/** What must alert, and what is known, by loops over the documents and all before: it knows nothing of weir. */
const oracle = (stream: readonly Sent[]) => {
  const history: { at: number; combination: string }[] = [];
  let known = 0;
  const alerts = stream.map(({ at, document }) => {
    const makers = list(document.maker);
    if (document.action !== "open" || makers.length === 0 || makers.some((maker) => maker.endsWith("-trusted")))
      return [];
    const met: string[][] = [];
    for (const ip of unique(list(document.ips).flatMap(canonical)))
      for (const owner of unique(list(document.owner)))
        for (const maker of unique(makers)) met.push([ip, owner, maker]);
    const unseen = met.filter(
      (terms) => !history.some((seen) => seen.combination === terms.join() && seen.at <= at && at - seen.at <= window),
    );
    known += met.length - unseen.length;
    for (const terms of met) history.push({ at, combination: terms.join() });
    return unseen;
  });
  return { alerts, known };
};

const list = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "string" && one.length <= 1024);
const unique = (values: string[]) => values.filter((value, index) => values.indexOf(value) === index);
const addresses: Record<string, string> = { "::ffff:10.1.0.2": "10.1.0.2", "2001:DB8:0::1": "2001:db8::1" };
const canonical = (ip: string) => (/^[0-9a-f:.]+$/i.test(ip) ? [addresses[ip] ?? ip] : []);

const toEvent = ({ at, document: { action, ips, owner, maker } }: Sent, position: number) => ({
  data: {
    action,
    source: { ip: ips },
    user: { name: owner },
    user_agent: { original: maker },
    "door.time": new Date(at).toISOString(),
  },
  // Ingestion runs on another clock altogether: nothing may depend on it.
  meta: new RecordMeta("doors", "log", position, Date.UTC(2027, 0, 1)),
});

const weir = (stream: readonly Sent[]): unknown[][] => {
  const { event: step } = detect({ rules: [rule], state: memoryState(), hash: fingerprint });
  const alerts: unknown[][] = stream.map(() => []);
  for (const { data, meta } of runStep(step, stream.map(toEvent)).events)
    alerts[meta.position]!.push(data["kibana.alert.new_terms"]);
  return alerts;
};

it("says what plain loops over the raw documents say, on streams of events, by event time", () => {
  let alerted = 0;
  let repeated = 0;
  fc.assert(
    fc.property(streams, (stream) => {
      const { alerts, known } = oracle(stream);
      expect(weir(stream)).toEqual(alerts);
      alerted += alerts.flat().length;
      repeated += known;
    }),
    { numRuns: process.env["WEIR_LONG"] ? 10_000 : 1_500 },
  );
  // The streams are worth running only if combinations come again, within the window and after it.
  expect(Math.min(alerted, repeated)).toBeGreaterThan(process.env["WEIR_LONG"] ? 10_000 : 1_500);
});
