import type { Event } from "../../event.ts";
import { isObject } from "../../json.ts";
import { RejectError } from "../../transform/reject.ts";
import type { Rule } from "../rule.ts";
import type { Finding } from "../rule-type.ts";
import type { NewTerms, Term } from "./terms.ts";

/** What `newTerms` found in an event, as the finding of an alert. */
export const findingOf = ({ data: { weir } }: Event, rule: Rule): Finding => {
  if (!isObject(weir) || !isObject(weir["new_terms"])) throw noNewTerms(rule);
  const found = weir["new_terms"] as unknown as NewTerms;
  const { event_id: eventId, terms } = found;
  const fields = { "kibana.alert.new_terms": terms.map(({ value }) => value), weir: { new_terms: found } };
  return {
    eventId,
    terms,
    sentences: [
      novelty(found),
      ...(found.shortened ? [shortened(found.shortened)] : []),
      ...(found.state_full ? [forgotten] : []),
    ],
    fields,
  };
};

const noNewTerms = ({ name }: Rule) =>
  new RejectError(
    "no_new_terms",
    `The event has no "weir.new_terms", which alerts of the new-terms rule "${name}" need. Put a new_terms transform before the alert transform.`,
  );

const shortened = (fields: readonly string[]): string =>
  `The event is large, and this alert has only a part of ${fields.slice(0, 5).join(", ")}${fields.length > 5 ? " and other fields" : ""}.`;

const forgotten =
  "The state of this component is full: weir could not remember this, and will raise an alert for it again.";

const novelty = ({ terms, window, last_seen, beyond }: NewTerms): string => {
  if (beyond !== undefined)
    return `The event has ${beyond} combinations beyond those that are checked individually, and this list of values was not seen in the ${window} before.`;
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
