import { type Data, RejectError } from "weir";
import { isObject, kindOf } from "weir/fields";
import type { EnvelopeContext } from "./document.ts";
import type { Content, ParseJson, Tools } from "./envelope.ts";
import { envelopes } from "./envelopes.ts";
import { openLine } from "./line.ts";
import { isAudit, isMerged } from "./shape.ts";
import { hasTexts, parseTexts } from "./texts.ts";

/** An audit event and what its envelopes add to it; or an item of a list that is not an audit event, and why. */
export type Item =
  | { readonly audit: Data; readonly context: EnvelopeContext }
  | { readonly content: unknown; readonly error: RejectError };

/** What removing envelopes needs. */
export type Unwrapping = Pick<Tools, "gunzip"> & { readonly parseJson: ParseJson };

/** The limit of nested envelopes. A line of a container runtime under "log" of Fluent Bit in a CloudWatch message has 4. */
const maxLayers = 8;

const bare: EnvelopeContext = {};

/**
 * Removes all envelopes around the audit events.
 * @throws RejectError if there is no audit event inside. Items of a list are reported individually instead.
 */
export const unwrap = (
  content: unknown,
  tools: Unwrapping,
  context: EnvelopeContext = bare,
  layer = 0,
): readonly Item[] => {
  if (layer > maxLayers)
    throw new RejectError("nested_too_deep", `more than ${maxLayers} nested envelopes, which is the limit`);
  if (isObject(content) && isAudit(content) && !isMerged(content))
    return [{ audit: hasTexts(content) ? parseTexts(content, tools.parseJson) : content, context }];
  const inside = open(content, tools);
  if (!Array.isArray(inside)) return into(inside as Content, tools, context, layer);
  return (inside as readonly Content[]).flatMap((item) => {
    try {
      return into(item, tools, context, layer);
    } catch (error) {
      if (error instanceof RejectError) return { content: item.content, error };
      throw error;
    }
  });
};

const into = (inside: Content, tools: Unwrapping, outer: EnvelopeContext, layer: number): readonly Item[] => {
  const context = inside.context ? join(outer, inside.context) : outer;
  if (inside.foreign) return [{ audit: inside.content as Data, context }];
  return unwrap(inside.content, tools, context, layer + 1);
};

/** The inner envelope takes precedence. */
const join = (outer: EnvelopeContext, inner: EnvelopeContext): EnvelopeContext => {
  if (outer === bare) return inner;
  const fields = outer.fields && inner.fields ? { ...outer.fields, ...inner.fields } : (outer.fields ?? inner.fields);
  return { ...outer, ...inner, ...(fields && { fields }) };
};

const open = (content: unknown, tools: Unwrapping): Content | readonly Content[] => {
  if (typeof content === "string") return openLine(content, tools.parseJson);
  if (Array.isArray(content)) return content.map((item) => ({ content: item }));
  if (!isObject(content)) throw notAnAuditEvent(`${kindOf(content)} is not a Kubernetes audit event`);
  if (isLine(content)) return openLine(content["message"], tools.parseJson);
  const envelope = envelopes.find(({ matches }) => matches(content));
  if (!envelope) throw notAnAuditEvent(whatIsMissing(content));
  return envelope.open(content, tools);
};

/** Whether it is a line from the text codec, with nothing beside it. This is the usual case, so it is checked first. */
const isLine = (content: Data): content is { readonly message: string } => {
  if (typeof content["message"] !== "string") return false;
  for (const name in content) if (name !== "message") return false;
  return true;
};

const notAnAuditEvent = (message: string) => new RejectError("not_an_audit_event", message);

const whatIsMissing = (record: Data): string => {
  const missing = ["auditID", "verb"].filter(
    (name) => typeof record[name] !== "string" || (name === "auditID" && record[name] === ""),
  );
  const quoted = missing.map((name) => `"${name}"`).join(" and ");
  const keys = Object.keys(record);
  const found = keys
    .slice(0, 10)
    .map((name) => JSON.stringify(name))
    .join(", ");
  const rest = keys.length > 10 ? ` and ${keys.length - 10} more` : "";
  return `a record without ${quoted} is not a Kubernetes audit event: found ${keys.length === 0 ? "no keys at all" : `the keys ${found}${rest}`}`;
};
