import { type Data, type Delivery, fieldValues } from "weir";
import { requestOf } from "weir/detection";

/** Slack accepts longer texts, but nobody reads them. */
const longestText = 3000;
const longestReason = 1000;
const longestValue = 300;
const mostTerms = 10;

const titleOf = fieldValues("kibana.alert.rule.name");
const severityOf = fieldValues("kibana.alert.severity");
const scoreOf = fieldValues("kibana.alert.risk_score");
const reasonOf = fieldValues("kibana.alert.reason", "wildcard");
const timeOf = fieldValues("@timestamp");

/** An event in the mrkdwn of Slack: an alert in words, anything else as JSON. */
export const messageText = ({ data, json }: Delivery): string => {
  const [title] = titleOf(data);
  if (title === undefined) return `\`\`\`${shown(json, longestText)}\`\`\``;
  const [severity = "unknown"] = severityOf(data);
  const [score] = scoreOf(data);
  const head = `*${shown(title)}* (${[shown(severity), score].filter(Boolean).join(", ")})`;
  return [
    head,
    ...reasonOf(data).map((reason) => shown(reason, longestReason)),
    ...termsOf(data),
    ...whenOf(data).map(shownTime),
  ].join("\n");
};

/**
 * When the request was made, and its result; of other alerts, when they were raised. The reason has both, but it may be
 * shortened.
 */
const whenOf = (data: Data): readonly string[] => {
  const { at, result } = requestOf(data);
  const when = at === undefined ? timeOf(data) : [at];
  return result === undefined ? when : [[...when, result].join(", ")];
};

const shownTime = (time: string): string => `_${shown(time)}_`;

/** The new terms of the event, one per line. */
const termsOf = (data: Data): string[] => {
  const { weir } = data as { readonly weir?: { readonly new_terms?: { readonly terms?: unknown } } };
  const terms = weir?.new_terms?.terms;
  return Array.isArray(terms)
    ? terms
        .filter((term) => typeof term?.field === "string")
        .slice(0, mostTerms)
        .map(termLine)
    : [];
};

const termLine = ({ field, value, new: isNew }: Readonly<Record<string, unknown>>): string =>
  `• ${shown(String(field))}: \`${shown(typeof value === "string" ? value : JSON.stringify(value ?? null))}\`${isNew === true ? " (new)" : ""}`;

/** Escapes a value: it cannot mention people, link, break the line or end the code span. */
const shown = (value: string, longest = longestValue): string => {
  const text = value.replace(/[\p{C}\p{Z}]+/gu, " ").replaceAll("`", "'");
  const cut = text.length > longest ? `${text.slice(0, longest - 1).toWellFormed()}…` : text;
  return cut.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
};
