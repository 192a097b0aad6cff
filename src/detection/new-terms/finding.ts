import type { Event } from "../../event.ts";
import { isObject } from "../../json.ts";
import { durationWords } from "../../option/quantity.ts";
import { counted } from "../../text.ts";
import { RejectError } from "../../transform/reject.ts";
import { isSaidFirst, valued } from "../reason-parts.ts";
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
  const before = `in the ${durationWords(window)} before`;
  if (beyond !== undefined)
    return `The event has ${counted(beyond, "combination")} beyond those that are checked individually, and this list of values was not seen ${before}.`;
  const [first] = terms;
  const what = terms.length === 1 ? subject(first!) : "This combination";
  const opening =
    last_seen === undefined
      ? `${what} was not seen ${before}.`
      : `${what} was last seen at ${last_seen}, more than ${durationWords(window)} before.`;
  return [opening, ...(terms.length === 1 ? [] : parts(terms))].join(" ");
};

/** Which values of a combination are new by themselves, and which are not. */
const parts = (terms: NewTerms["terms"]): readonly string[] => {
  const isNew = ({ new: fresh }: Term) => fresh;
  const [fresh, known] = [terms.filter(isNew), terms.filter((term) => !isNew(term))];
  const list = (some: readonly Term[]) => some.map(standing).join(", ");
  return [
    ...(fresh.length > 0 ? [`New by itself: ${list(fresh)}.`] : []),
    ...(known.length > 0 ? [`Known: ${list(known)}.`] : []),
  ];
};

const subject = (term: Term): string => (isSaidFirst(term) ? `This value of ${term.field}` : valued(term));

const standing = (term: Term): string => {
  const what = isSaidFirst(term) ? term.field : valued(term);
  return term.last_seen === undefined ? what : `${what} (last seen at ${term.last_seen})`;
};
