import { type Data, type Event, RejectError, type StepResult, withData } from "weir";
import { isObject, parseJson } from "weir/fields";
import type { Rejection } from "weir/rxjs";
import { canonicalJson } from "./canonical.ts";
import { type EnvelopeContext, toDocument } from "./document.ts";
import type { Tools } from "./envelope.ts";
import type { Numbers } from "./prune.ts";
import { type Item, type Unwrapping, unwrap } from "./unwrap.ts";

/**
 * Turns Kubernetes audit events, in any known envelope, into ECS documents as Elastic's Kubernetes integration indexes
 * them. An event's data is a JSON object, or `{ message }` with a line of text. A list gives one event for each item, and for
 * one that it has twice only one. A list without items, and other control-plane logs, are consumed as `no_audit_events`. A record that contains no audit
 * event goes to the dead letter; of a list, only the items that are not audit events do.
 *
 * The id consists of auditID, stage and a digest of the audit event, since clients can choose the Audit-ID. The same
 * audit event has the same id in every envelope.
 */
export const kubernetesAudit = (tools: Tools) => {
  const convert = (event: Event, unwrapping: Unwrapping, numbers: Numbers): StepResult => {
    const items = unwrap(event.data, unwrapping);
    const [first] = items;
    if (items.length === 1 && first && "audit" in first)
      return successor(event, first.audit, first.context, tools, numbers);
    return successors(event, items, tools, numbers);
  };
  const quick = { ...tools, parseJson: JSON.parse };
  const exact = { ...tools, parseJson };
  return (event: Event): StepResult => {
    const numbers: Numbers = { areInDoubt: false };
    const result = convert(event, quick, numbers);
    // Numbers that JSON.parse may have changed are rare: only then is the text parsed again, slowly and exactly.
    return numbers.areInDoubt ? convert(event, exact, numbers) : result;
  };
};

const successor = (
  event: Event,
  audit: Data,
  context: EnvelopeContext,
  { hash, origin }: Tools,
  numbers: Numbers,
): Event => withData(event, toDocument(audit, context, event.meta.ingested, origin, numbers), () => idOf(audit, hash));

const idOf = (audit: Data, hash: Tools["hash"]): string =>
  `${audit["auditID"] ?? ""}/${audit["stage"] ?? ""}/${hash(canonicalJson(audit))}`;

/** If no document can be made of an item, the other items are not affected. */
const successors = (event: Event, items: readonly Item[], tools: Tools, numbers: Numbers): StepResult => {
  const events: Event[] = [];
  const rejected: Rejection[] = [];
  const ids = new Set<string>();
  items.forEach((item, index) => {
    try {
      if ("error" in item) throw item.error;
      const next = successor(event, item.audit, item.context, tools, numbers);
      // An API server that had no answer may add an audit event to a list twice: it is still one.
      if (ids.has(next.meta.id)) return;
      ids.add(next.meta.id);
      events.push(next);
    } catch (error) {
      if (!(error instanceof RejectError)) throw error;
      // What was not converted was not looked at either.
      numbers.areInDoubt = true;
      const part = withData(event, dataOf(item), `${event.meta.id}/${index}`);
      rejected.push({ event: part, reason: error.reason, message: error.message });
    }
  });
  return items.length === 0 ? "no_audit_events" : { events, rejected };
};

/** Makes the dead letter contain only this item, so that it can be replayed. */
const dataOf = (item: Item): Data => {
  const content = "error" in item ? item.content : item.audit;
  if (isObject(content)) return content;
  return { message: typeof content === "string" ? content : JSON.stringify(content) };
};
