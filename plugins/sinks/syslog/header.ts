import type { Delivery } from "weir";
import { type Template, TemplateError } from "weir/fields";

/** The facilities of RFC 5424, by the names that syslog.h has; their codes are their positions. */
const facilities = [
  ["kern", "kernel"],
  ["user", "user-level"],
  ["mail"],
  ["daemon", "system"],
  ["auth", "security/authorization"],
  ["syslog", "syslogd"],
  ["lpr", "line-printer"],
  ["news", "network-news"],
  ["uucp"],
  ["cron", "clock"],
  ["authpriv"],
  ["ftp"],
  ["ntp"],
  ["security", "log-audit"],
  ["console", "log-alert"],
  ["solaris-cron"],
  ...Array.from({ length: 8 }, (_, index) => [`local${index}`]),
];

/** The severities, with the words that logs and alerts use for them. */
const severities = [
  ["emerg", "emergency", "panic"],
  ["alert"],
  ["crit", "critical", "fatal"],
  ["err", "error", "high"],
  ["warning", "warn", "medium"],
  ["notice", "low"],
  ["info", "informational", "information"],
  ["debug", "trace"],
];

const codesOf = (names: readonly (readonly string[])[]): ReadonlyMap<string, number> =>
  new Map(
    names.flatMap((words, code) => [[String(code), code] as const, ...words.map((word) => [word, code] as const)]),
  );

const [facilityCodes, severityCodes] = [codesOf(facilities), codesOf(severities)];
const [userLevel, informational] = [1, 6];

/** The number before a message. A facility that does not exist counts as `user`, and a severity as `info`. */
export const priorityOf = (facility: string, severity: string): number =>
  (facilityCodes.get(facility.toLowerCase()) ?? userLevel) * 8 +
  (severityCodes.get(severity.toLowerCase()) ?? informational);

/** What a header says when it has no value. */
const none = "-";

/** The text of a template, or `none` where it is not possible. */
export const rendered = (template: Template, { data, meta }: Delivery, quote = (text: string) => text): string => {
  try {
    return template.render(data, quote, meta);
  } catch (error) {
    if (error instanceof TemplateError) return none;
    throw error;
  }
};

/** A word of the header: printable ASCII without spaces, at most `longest` characters. */
export const word = (text: string, longest: number): string => text.replace(/[^!-~]/g, "_").slice(0, longest) || none;

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)$/;

/** The time of an event as RFC 5424 has it, with at most six digits of a second; without one, when it was ingested. */
export const timestampOf = ({ data, meta }: Delivery): string => {
  const time = data["@timestamp"];
  if (typeof time !== "string") return new Date(meta.ingested).toISOString();
  const shortened = time.replace(/(\.\d{6})\d+/, "$1");
  if (rfc3339.test(shortened)) return shortened;
  const instant = Date.parse(time);
  return new Date(Number.isNaN(instant) ? meta.ingested : instant).toISOString();
};

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The same as RFC 3164 has it, in UTC. */
export const legacyTimestamp = (timestamp: string): string => {
  const time = new Date(timestamp);
  const clock = time.toISOString().slice(11, 19);
  return `${months[time.getUTCMonth()]} ${String(time.getUTCDate()).padStart(2)} ${clock}`;
};
