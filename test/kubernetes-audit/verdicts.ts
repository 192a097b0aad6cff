import { type Data, fingerprint } from "weir";
import { detect } from "weir/detection";
import { RecordMeta } from "weir/testing";
import kubernetesAudit from "../../plugins/transforms/kubernetes_audit/index.ts";
import { RuleFiles } from "../../src/cli/rule-files.ts";
import { logRecorder, memoryState, runStep, systemClock } from "../../src/testing/index.ts";
import type { Sent } from "../../src/transform/tally.ts";
import { envelopes } from "./envelopes.ts";
import { expectedVerdicts } from "./oracle.ts";

const loaded = new RuleFiles(".").get("kubernetes_secret_access_unusual_user_agent");
if (!loaded?.ok) throw new Error("the headline rule does not load");
const rules = [loaded.value];

const context = { id: "ecs", clock: systemClock, signal: new AbortController().signal, log: logRecorder() };

/** The way of records from a source to the headline rule, with an empty history, one at a time: alerts, and what was rejected on the way. */
export const headline = () => {
  const ecs = kubernetesAudit.each({ ...context, config: {} });
  const { event: rule } = detect({ rules, state: memoryState(), hash: fingerprint });
  let position = 0;
  return (data: Data): Pick<Sent, "events" | "rejected"> => {
    const meta = new RecordMeta("audit", "log", position++, Date.UTC(2026, 0, 1) + position);
    const documents = runStep(ecs, [{ data, meta }]);
    const alerts = runStep(rule, documents.events);
    return { events: alerts.events, rejected: [...documents.rejected, ...alerts.rejected] };
  };
};

/** The combinations of an event's alerts, as text, sorted. */
export const combinations = ({ events }: Pick<Sent, "events">): readonly string[] =>
  events.map(({ data }) => JSON.stringify(data["kibana.alert.new_terms"])).sort();

/** The event as it is, and turned into a secret read by an agent that counts, one that is left out, and none. */
export const variants = (event: Data): readonly Data[] => {
  const { userAgent: _, ...silent } = event;
  const read = { ...silent, verb: "get", objectRef: { ...(event["objectRef"] as Data), resource: "secrets" } };
  const excluded = "minder/v0.0.0 (linux/amd64) kubernetes/$Format";
  return [event, { ...read, userAgent: "odd-client/3.1" }, { ...read, userAgent: excluded }, read];
};

export interface Mismatch {
  readonly envelope: string;
  readonly event: Data;
  readonly expected: readonly string[];
  readonly found: readonly string[];
  /** What the dead letter says, if the event went there. */
  readonly rejected?: string;
}

/** Runs events, in each of the envelopes, against the oracle; says where they disagree. */
export const compareVerdicts = (events: readonly Data[]): { passed: number; failed: Mismatch[] } => {
  const failed: Mismatch[] = [];
  let passed = 0;
  for (const [envelope, { wrap, carries = (one: Data) => one }] of Object.entries(envelopes)) {
    const verdicts = expectedVerdicts(events.map(carries));
    const run = headline();
    for (const [index, event] of events.entries()) {
      const sent = run(wrap(event));
      const [expected, found] = [verdicts[index]!, combinations(sent)];
      const rejected = sent.rejected[0]?.message;
      if (!rejected && JSON.stringify(expected) === JSON.stringify(found)) passed++;
      else failed.push({ envelope, event, expected, found, ...(rejected && { rejected }) });
    }
  }
  return { passed, failed };
};
