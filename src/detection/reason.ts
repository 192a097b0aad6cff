import { fieldValues } from "../fields/values.ts";
import type { Data } from "../json.ts";
import type { NewTerms, Term } from "./new-terms/terms.ts";
import type { Rule } from "./rule.ts";

const who = fieldValues("user.name");
const where = fieldValues("source.ip", "ip");
const agent = fieldValues("user_agent.original");
const action = fieldValues("event.action");
const kind = fieldValues("orchestrator.resource.type");
const name = fieldValues("orchestrator.resource.name");
const namespace = fieldValues("orchestrator.namespace");

/**
 * The alert in a sentence or two: who did what from where, and why that is new. Names from the event are quoted, so that
 * they cannot pass for words of the sentence.
 */
export const reason = (data: Data, rule: Rule, found: NewTerms | undefined): string =>
  [
    `${deed(data, found)} (${rule.severity}: ${rule.title}).`,
    ...(found ? [novelty(found)] : []),
    ...(found?.state_full
      ? ["The state of weir is full: this could not be remembered, and will raise an alert again."]
      : []),
  ].join(" ");

const deed = (data: Data, found: NewTerms | undefined): string => {
  const one = (field: string, read: (data: Data) => readonly string[]) => {
    const term = found?.terms.find((term) => term.field === field);
    return quoted(term ? [term.value] : read(data));
  };
  const parts = [
    one("user.name", who) ?? "Somebody",
    phrase("from", one("source.ip", where)),
    phrase("with", one("user_agent.original", agent)),
    phrase("did", quoted(action(data))),
    phrase("on", quoted(kind(data))),
    quoted(name(data)),
    phrase("in namespace", quoted(namespace(data))),
  ];
  return parts.filter((part) => part !== undefined).join(" ");
};

const phrase = (word: string, what: string | undefined) => (what === undefined ? undefined : `${word} ${what}`);

const quoted = (values: readonly string[]) =>
  values.length === 0 ? undefined : values.map((value) => JSON.stringify(value)).join(", ");

const novelty = ({ terms, window, last_seen, beyond }: NewTerms): string => {
  if (beyond !== undefined)
    return `The event has ${beyond} more combinations than are checked one by one, and these values were not seen like this in the ${window} before.`;
  const together = terms.length === 1 ? "This value was" : "This combination was";
  const known = last_seen === undefined ? "not seen before" : `last seen ${last_seen}, longer ago than`;
  const opening =
    last_seen === undefined ? `${together} not seen in the ${window} before` : `${together} ${known} ${window}`;
  if (terms.length === 1) return `${opening}.`;
  return `${opening}: ${terms.map(standing).join(", ")}.`;
};

const standing = (term: Term): string => {
  if (!term.new) return `${term.field} is known${term.last_seen === undefined ? "" : ` (last seen ${term.last_seen})`}`;
  return `${term.field} is new by itself${term.last_seen === undefined ? "" : ` (last seen ${term.last_seen})`}`;
};
