import fc from "fast-check";
import { expect, it } from "vitest";
import { type Event, fingerprint } from "weir";
import { isObject } from "weir/fields";
import { runStep, testEvent } from "weir/testing";
import { kubernetesAudit } from "./step.ts";

const step = kubernetesAudit({ hash: fingerprint, gunzip: (text) => text });

const number = fc.oneof(
  fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(String),
  fc.constantFrom(
    "0",
    "200",
    "0.5",
    "9007199254740993",
    "1e400",
    "-1E+400",
    "0.1000000000000000055",
    "1717236000123456789",
  ),
);

const auditOf = (id: string, value: string) =>
  `{"kind":"Event","auditID":"${id}","stage":"ResponseComplete","verb":"create","requestObject":{"spec":{"n":${value},"list":[1,[${value}]]}}}`;

const envelopes: Record<string, (audit: string) => string> = {
  "a line": (audit) => audit,
  "a line of a container runtime": (audit) => `2026-01-01T00:00:00.000000000Z stdout F ${audit}`,
  "a list": (audit) => `{"kind":"EventList","items":[${audit},{"verb":"not an event","n":12345678901234567890}]}`,
  "text in Fluent Bit's log": (audit) => JSON.stringify({ log: audit }),
  "members as text": (audit) =>
    audit.replace(/"requestObject":(.*)\}$/, (_, body) => `"user":"{}","requestObject":${JSON.stringify(body)}}`),
};

const documents = (line: string) => {
  const result = runStep(step, [testEvent({ message: line })]);
  return { sent: result.events, rejected: result.rejected.map(({ event }) => event) };
};

it.each(Object.keys(envelopes))("numbers of a body keep their digits, and make different ids: %s", (name) => {
  const wrap = envelopes[name]!;
  fc.assert(
    fc.property(number, number, (one, other) => {
      const [a, b] = [one, other].map((value) => documents(wrap(auditOf("a", value)))) as [Documents, Documents];
      expect(JSON.stringify(specOf(a.sent[0]!))).toBe(`{"n":${one},"list":[1,[${one}]]}`);
      expect(a.sent[0]!.meta.id === b.sent[0]!.meta.id).toBe(one === other);
      if (name === "a list") expect(JSON.stringify(a.rejected[0]!.data)).toContain('"n":12345678901234567890');
    }),
    { numRuns: 50 },
  );
});

type Documents = ReturnType<typeof documents>;

const specOf = ({ data }: Event): unknown =>
  ["kubernetes", "audit", "requestObject", "spec"].reduce<unknown>(
    (value, key) => (isObject(value) ? value[key] : undefined),
    data,
  );
