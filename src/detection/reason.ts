import { fieldValues } from "../fields/values.ts";
import type { Data } from "../json.ts";
import { shortened } from "../text.ts";
import { longestValue } from "./reason-parts.ts";
import { oneOf, type Request, requestOf, resourceOf } from "./request.ts";
import type { Rule } from "./rule.ts";
import type { Finding } from "./rule-type.ts";

const who = fieldValues("user.name");
const where = fieldValues("source.ip", "ip");
const agent = fieldValues("user_agent.original");

const action = oneOf("event.action", "kubernetes.audit.verb");
const name = oneOf("orchestrator.resource.name", "kubernetes.audit.objectRef.name");
const namespace = oneOf("orchestrator.namespace", "kubernetes.audit.objectRef.namespace");

/** The most values of one field in the sentence. */
const maxValues = 5;

/**
 * The alert in a few sentences: who did what from where, when and with what result, and what the type of its rule adds.
 * Names from the event are quoted, so that they cannot be mistaken for words of the sentence.
 */
export const reason = (
  data: Data,
  rule: Pick<Rule, "severity" | "title">,
  { terms, sentences }: Finding,
  request = requestOf(data),
): string => {
  const title = shortened(rule.title, longestValue);
  const what = deed(data, terms, request);
  const opening = what === "" ? `${title} (${rule.severity}).` : `${what} (${rule.severity}: ${title}).`;
  return [opening, ...answer(request), ...sentences].join(" ");
};

/** When the request was made, and whether it was allowed. */
const answer = ({ at, result }: Request): readonly string[] => {
  if (at === undefined && result === undefined) return [];
  const request = at === undefined ? "Request" : `Request at ${at}`;
  return [result === undefined ? `${request}.` : `${request}: ${result}.`];
};

const deed = (data: Data, terms: Finding["terms"], { as, host, cluster }: Request): string => {
  const one = (field: string, read: (data: Data) => readonly string[]) => {
    const term = terms.find((term) => term.field === field);
    return quoted(term ? [term.value] : read(data));
  };
  const parts = [
    one("user.name", who),
    phrase("as", quoted(list(as))),
    phrase("from", one("source.ip", where)),
    phrase("with", one("user_agent.original", agent)),
    phrase("did", quoted(action(data))),
    phrase("on", quoted(resourceOf(data))),
    quoted(name(data)),
    phrase("in namespace", quoted(namespace(data))),
    phrase("of cluster", quoted(list(cluster))),
    phrase("on host", quoted(list(host))),
  ];
  const [subject = "Somebody", ...rest] = parts;
  const known = rest.filter((part) => part !== undefined);
  return parts[0] === undefined && known.length === 0 ? "" : [subject, ...known].join(" ");
};

const list = (value: string | undefined): readonly string[] => (value === undefined ? [] : [value]);

const phrase = (word: string, what: string | undefined) => (what === undefined ? undefined : `${word} ${what}`);

/** Of a long list, the sentence has the first values and the number of the others. */
const quoted = (values: readonly string[]) => {
  if (values.length === 0) return undefined;
  const shown = values.slice(0, maxValues).map((value) => JSON.stringify(shortened(value, longestValue)));
  const others = values.length - shown.length;
  return others > 0 ? `${shown.join(", ")} and ${others} more` : shown.join(", ");
};
