import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Data } from "weir";
import { auditEvent } from "../plugins/sources/demo/generate.ts";
import { expectedAlerts, sampleLog } from "../scripts/make-sample.ts";
import { event, events } from "./kubernetes-audit/events.ts";
import { expectedVerdicts } from "./kubernetes-audit/oracle.ts";
import { combinations, compareVerdicts, headline, variants } from "./kubernetes-audit/verdicts.ts";

it("in every envelope, each event gets the oracle's verdict, as it is and as a secret read", () => {
  const made = Array.from({ length: 40 }, (_, index): Data => JSON.parse(auditEvent(index, 5)));
  const all = [...events, ...made].flatMap(variants);
  expect(expectedVerdicts(all).filter((fresh) => fresh.length > 0).length).toBeGreaterThan(10);
  const { passed, failed } = compareVerdicts(all);
  expect(failed).toEqual([]);
  expect(passed).toBeGreaterThan(all.length);
});

it("so does any sequence of events, with fields missing, odd or many", () => {
  const changes = fc.record(
    {
      verb: fc.constantFrom("get", "list", "watch", "Get"),
      user: fc.constantFrom({ username: "ada" }, { username: "bo", uid: "2" }, { username: "" }, {}, null),
      userAgent: fc.constantFrom(
        "a/1",
        "b/2",
        "x kubernetes/$Format",
        "kubernetes/$Format/x",
        "",
        null,
        "z".repeat(1_025),
      ),
      sourceIPs: fc.constantFrom(
        ["10.0.0.1"],
        ["10.0.0.1", "10.0.0.2", "10.0.0.1"],
        ["2001:db8:0::1", "2001:db8::1"],
        ["::ffff:10.0.0.2"],
        ["10.0.0.3", "nowhere"],
        ["010.0.0.1"],
        [],
        null,
      ),
      objectRef: fc.constantFrom({ resource: "secrets" }, { resource: "pods" }, { resource: "Secrets" }, null),
      stage: fc.constantFrom("RequestReceived", "ResponseComplete"),
    },
    { requiredKeys: ["verb"] },
  );
  fc.assert(
    fc.property(fc.array(changes, { minLength: 1, maxLength: 12 }), (sequence) => {
      const { failed } = compareVerdicts(sequence.map((one) => event(one)));
      expect(failed).toEqual([]);
    }),
    { numRuns: process.env["WEIR_LONG"] ? 40 : 10 },
  );
});

it("the sample log is the one that its script writes, and raises the alerts of its story, no others", () => {
  const text = readFileSync("examples/audit-sample.log", "utf8");
  expect(text).toBe(sampleLog());
  const run = headline();
  const alerts: string[] = [];
  const rejected: string[] = [];
  for (const message of text.trimEnd().split("\n")) {
    const sent = run({ message });
    alerts.push(...combinations(sent));
    rejected.push(...sent.rejected.map(({ reason }) => reason));
  }
  expect(alerts.sort()).toEqual(expectedAlerts.map((terms) => JSON.stringify(terms)).sort());
  expect(rejected).toEqual(["not_json"]);
});
