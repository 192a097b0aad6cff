import type { Data } from "../../json.ts";
import { counted } from "../../text.ts";
import { timeText } from "../event-time.ts";
import type { Rule } from "../rule.ts";
import type { Held } from "./held.ts";

interface Told {
  readonly rule: Rule;
  readonly by: "suppressed" | "capped";
  readonly held: Held;
  /** When the time was over, in milliseconds since 1970. */
  readonly end: number;
}

/** The event that tells how many alerts were held back, with the fields that Elastic adds to the alert that passed. */
export const summaryOf = ({ rule, by, held, end }: Told): Data => ({
  "@timestamp": timeText(end),
  event: { kind: "metric" },
  message: `${counted(held.held, "further alert")} of "${rule.title}"${sharing(held.terms)} ${held.held === 1 ? "was" : "were"} ${by}, the last at ${timeText(held.last)}.`,
  "kibana.alert.rule.uuid": rule.id,
  "kibana.alert.rule.rule_id": rule.id,
  "kibana.alert.rule.name": rule.title,
  "kibana.alert.suppression.terms": held.terms,
  "kibana.alert.suppression.start": timeText(held.start),
  "kibana.alert.suppression.end": timeText(held.last),
  "kibana.alert.suppression.docs_count": held.held,
  weir: { held_back: { by, rule: rule.name, first_alert: held.alert } },
});

const sharing = (terms: Held["terms"]): string => {
  if (terms.length === 0) return "";
  const words = terms.map(
    ({ field, value }) => `${field} ${value.length === 0 ? "missing" : JSON.stringify(value.join(", "))}`,
  );
  return ` with ${words.join(", ")}`;
};
