import { compileDateFormat } from "../dates/date-format.ts";
import { isoIn, type Zone } from "../dates/zone.ts";
import { FormatError } from "./format-error.ts";

const facilities = [
  "kernel",
  "user-level",
  "mail",
  "system",
  "security/authorization",
  "syslogd",
  "line-printer",
  "network-news",
  "UUCP",
  "clock",
  "security/authorization",
  "FTP",
  "NTP",
  "log-audit",
  "log-alert",
  "clock",
  ...Array.from({ length: 8 }, (_, index) => `local${index}`),
];
const severities = ["Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"];

/** A message of syslog, with the names of ECS. */
export interface SyslogMessage {
  /** As it was written: in ISO 8601, or without a year, as in `Jan  2 03:04:05`. */
  readonly timestamp: string | undefined;
  readonly message: string;
  /** The fields of `log.syslog`. */
  readonly syslog: Readonly<Record<string, unknown>>;
  /** What is wrong with the message, if it was read in part. */
  readonly flaw?: string;
}

/** `auto`: RFC 5424 if a priority and a version come first, and RFC 3164 otherwise. */
export type SyslogFormat = "auto" | "rfc5424" | "rfc3164";

/** Reads a message of RFC 5424, or of RFC 3164 with or without its priority. Throws a `FormatError`. */
export const parseSyslog = (text: string, format: SyslogFormat = "auto"): SyslogMessage => {
  const [head = "", digits] = /^<(\d{1,3})>/.exec(text) ?? [];
  const priority = digits === undefined ? undefined : Number(digits);
  if (priority !== undefined && priority > 191)
    throw new FormatError(`the priority is ${priority}, and the highest is 191`);
  const rest = text.slice(head.length);
  const about = priority === undefined ? {} : aboutOf(priority);
  const isModern = priority !== undefined && /^[1-9]\d{0,2} /.test(rest);
  if (format === "rfc5424" && !isModern) throw new FormatError("it does not begin with a priority and a version");
  return isModern && format !== "rfc3164" ? modern(rest, about) : legacy(rest, about);
};

/**
 * The same, but a message of RFC 5424 that is not well formed becomes one with a `flaw`, as other receivers do: it has what its
 * header says, and the rest as its text. Throws a `FormatError` for a priority that does not exist.
 */
export const readSyslog = (text: string): SyslogMessage => {
  try {
    return parseSyslog(text);
  } catch (error) {
    const [head, digits] = /^<(\d{1,3})>/.exec(text)!;
    const priority = Number(digits);
    if (priority > 191 || !(error instanceof FormatError)) throw error;
    return { ...broken(text.slice(head.length), aboutOf(priority)), flaw: error.message };
  }
};

const broken = (text: string, about: SyslogMessage["syslog"]): SyslogMessage => {
  const words = text.split(" ", 6);
  const rest = text.slice(words.join(" ").length + 1);
  if (rest === "") return { timestamp: undefined, message: text, syslog: about };
  const header = headerOf(words);
  return { timestamp: header.timestamp, message: rest, syslog: { ...about, ...header.named } };
};

const iso = compileDateFormat("ISO8601");
const bsd = compileDateFormat("MMM d HH:mm:ss");
const bsdWithYear = compileDateFormat("MMM d yyyy HH:mm:ss");

/** Without the fraction of the second. */
const plain = (timestamp: string): string => timestamp.replace(/^(.*:\d\d)[.,]\d+$/, "$1");

/**
 * The time of a message in ISO 8601, or undefined if it has none that can be read. A time without a year is the last one
 * that is not after `now`, in milliseconds since 1970, and one without a zone is in `zone`.
 */
export const syslogTime = (
  { timestamp }: SyslogMessage,
  defaults: { readonly zone: Zone; readonly now: number },
): string | undefined => {
  if (timestamp === undefined) return undefined;
  const instant = iso(timestamp, defaults) ?? bsd(plain(timestamp), defaults) ?? bsdWithYear(timestamp, defaults);
  return instant === undefined ? undefined : isoIn(defaults.zone, instant);
};

const aboutOf = (priority: number) => ({
  priority,
  facility: syslogFacility(priority >> 3),
  severity: syslogSeverity(priority & 7),
});

/** The field `log.syslog.facility` of a code, from 0 to 23. */
export const syslogFacility = (code: number) => ({ code, name: facilities[code] });

/** The field `log.syslog.severity` of a code, from 0 to 7. */
export const syslogSeverity = (code: number) => ({ code, name: severities[code] });

const modern = (text: string, about: SyslogMessage["syslog"]): SyslogMessage => {
  const words = text.split(" ", 6);
  if (words.length < 6) throw new FormatError("the header of RFC 5424 is not complete");
  const { timestamp, named } = headerOf(words);
  const { data, end } = structuredData(text, words.join(" ").length + 1);
  if (end < text.length && text[end] !== " ") throw new FormatError("there is no space after the structured data");
  return {
    timestamp,
    message: text.slice(end + 1).replace(/^\ufeff/, ""),
    syslog: { ...about, ...named, ...(data && { structured_data: data }) },
  };
};

const headerOf = ([version, timestamp, hostname, appname, procid, msgid]: readonly string[]) => {
  const named = Object.entries({ version, hostname, appname, procid, msgid }).filter(([, value]) => value !== "-");
  return { timestamp: timestamp === "-" ? undefined : timestamp, named: Object.fromEntries(named) };
};

/** `[id name="value" …]…`, in which a backslash stands before `"`, `\` and `]`. */
const structuredData = (
  text: string,
  start: number,
): { readonly data?: Record<string, unknown>; readonly end: number } => {
  if (text[start] === "-") return { end: start + 1 };
  const elements: [string, Record<string, string>][] = [];
  let at = start;
  while (text[at] === "[") {
    const idEnd = endOf(text, at + 1, " ]");
    const id = text.slice(at + 1, idEnd);
    const values: [string, string][] = [];
    at = idEnd;
    while (text[at] === " ") {
      const nameEnd = endOf(text, at + 1, "=");
      if (text[nameEnd + 1] !== '"') throw new FormatError("a value in the structured data is not in quotes");
      let end = nameEnd + 2;
      while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
      values.push([text.slice(at + 1, nameEnd), text.slice(nameEnd + 2, end).replace(/\\(["\\\]])/g, "$1")]);
      at = end + 1;
    }
    if (text[at] !== "]") throw new FormatError("an element of the structured data is not closed");
    elements.push([id, Object.fromEntries(values)]);
    at++;
  }
  if (elements.length === 0) throw new FormatError("the structured data are missing");
  return { data: Object.fromEntries(elements), end: at };
};

const endOf = (text: string, from: number, characters: string): number => {
  let at = from;
  while (at < text.length && !characters.includes(text[at]!)) at++;
  if (at >= text.length) throw new FormatError("the structured data are not closed");
  return at;
};

/** Some devices write the year, fractions of a second, or a colon after the time. */
const legacyTime =
  /^(?:[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?:?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?) /;
const tag = /^([^\s[\]:]{1,128})(?:\[(\d{1,10})\])?: ?/;

const legacy = (text: string, about: SyslogMessage["syslog"]): SyslogMessage => {
  const [stamp = ""] = legacyTime.exec(text) ?? [];
  if (stamp === "") return { timestamp: undefined, message: text, syslog: about };
  const rest = text.slice(stamp.length);
  // Programs write no host to a socket of their own machine: the first word is then the tag, which ends in a colon.
  const [word = "", hostname] =
    /^(?:([^ ]*[^ :]) |([^ ]*[^ :])$)/.exec(rest)?.filter((part) => part !== undefined) ?? [];
  const content = rest.slice(word.length).replace(/^: /, "");
  const [head = "", appname, procid] = tag.exec(content) ?? [];
  return {
    timestamp: stamp.trimEnd().replace(/:$/, ""),
    message: content.slice(head.length),
    syslog: { ...about, ...(hostname && { hostname }), ...(appname && { appname }), ...(procid && { procid }) },
  };
};
