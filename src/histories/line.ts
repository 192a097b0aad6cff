import { parseTime, timeText } from "../detection/event-time.ts";
import type { Horizon } from "../detection/new-terms/horizon.ts";
import type { HistoryEntry, Run } from "../detection/new-terms/observe.ts";
import type { About } from "../detection/new-terms/term-names.ts";
import { isObject } from "../json.ts";
import { isNestedDeeper } from "./nesting.ts";
import { readSealed, type SealedLine } from "./sealed/form.ts";
import { isSealed } from "./sealed/seal.ts";
import { decodeTime, encodeTime } from "./time-form.ts";

/** The version of the format. A file of a newer one is refused. Version 1 had histories only, and no seals. */
const formatVersion = 2;

/** A line of an exported history. Later lines belong to the history that the last line with `history` describes. */
export type Line =
  | { readonly kind: "file" }
  | { readonly kind: "end" }
  | SealedLine
  | {
      readonly kind: "history";
      readonly component: string;
      readonly about: About;
      /** What the history knows of the time; version 1 did not have it. */
      readonly horizon: Horizon | undefined;
    }
  | {
      readonly kind: "entry";
      /** The fields and values, or the key of an entry whose values are not known. */
      readonly term:
        | { readonly fields: readonly string[]; readonly values: readonly string[] }
        | { readonly key: string };
      readonly entry: HistoryEntry;
    };

export const fileLine = (exportedAt: string): string =>
  JSON.stringify({ weir_state: formatVersion, exported_at: exportedAt });

/** The members of the last line, which is sealed: a file without it was cut. */
export const endMembers = { weir_state_end: formatVersion };

export const historyLine = (component: string, { id, ...about }: About, horizon?: Horizon): string =>
  JSON.stringify({
    history: { component, rule: id, ...about, ...(horizon && { horizon: horizonMembers(horizon) }) },
  });

const horizonMembers = ({ highest, now, offset, swept, claim }: Horizon): object => ({
  highest: encodeTime(highest),
  now: encodeTime(now),
  offset,
  swept: encodeTime(swept),
  ...(claim && { claim: { since: encodeTime(claim.since), last: encodeTime(claim.last), span: claim.span } }),
});

export const entryLine = (
  { id, version }: About,
  term: { readonly fields: readonly string[]; readonly values: readonly string[] } | { readonly key: string },
  entry: HistoryEntry,
): string =>
  JSON.stringify({
    rule: id,
    version,
    ...term,
    first_seen: timeText(entry[0]![0]),
    last_seen: timeText(entry.at(-1)![1]),
    // With gaps longer than the window.
    ...(entry.length > 1 && { seen: entry.map((run) => run.map(timeText)) }),
  });

/** The longest value of a term, in UTF-16 units, with room for the note that it was shortened. */
const longestValue = 1_200;
const mostRuns = 10_000;

/** The longest line, in bytes. */
export const longestLine = 64 * 1024 * 1024;
/** The longest one without a seal, in UTF-16 units. */
const longestUnsealed = 256 * 1024;
/** How deep a line may be nested. */
const deepest = 600;

/** Reads a line. Throws an error that says what is wrong with it. */
export const readLine = (text: string): Line => {
  const sealed = isSealed(text);
  if (!sealed && text.length > longestUnsealed)
    throw new Error(`it is longer than ${longestUnsealed / 1024} KiB, which no line without a seal is`);
  if (isNestedDeeper(text, deepest)) throw new Error(`it is nested more than ${deepest} levels deep`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("it is not JSON");
  }
  if (!isObject(value)) throw new Error("it is not an object");
  if (value["weir_state"] !== undefined) {
    const version = value["weir_state"];
    if (version === 1 || version === formatVersion) return { kind: "file" };
    throw new Error(
      `its format is ${JSON.stringify(version).slice(0, 40)}, and this weir reads formats up to ${formatVersion}; use the weir that wrote it, or a newer one`,
    );
  }
  if (value["weir_state_end"] !== undefined) return { kind: "end" };
  if (value["history"] !== undefined) return readHistory(value["history"]);
  if (sealed) return readSealed(value);
  if (["component", "space", "due", "value", "text"].some((member) => value[member] !== undefined))
    throw new Error("it has no seal: only lines of histories can be written by hand");
  return { kind: "entry", term: readTerm(value), entry: readEntry(value) };
};

const readHistory = (given: unknown): Line => {
  if (!isObject(given)) throw new Error('"history" is not an object');
  const { fields, window } = given;
  if (!isTexts(fields) || fields.length < 1 || fields.length > 3)
    throw new Error('"fields" must be one to three fields');
  if (typeof window !== "number" || !Number.isSafeInteger(window) || window < 1)
    throw new Error('"window" must be a number of milliseconds');
  const about = {
    id: name(given, "rule"),
    name: name(given, "name"),
    version: name(given, "version"),
    fields,
    window,
    timestamp: name(given, "timestamp"),
  };
  const horizon = given["horizon"] === undefined ? undefined : readHorizon(given["horizon"]);
  return { kind: "history", component: name(given, "component"), about, horizon };
};

const readHorizon = (given: unknown): Horizon => {
  const claim = isObject(given) ? given["claim"] : undefined;
  const number = (of: unknown, member: string): number => {
    const at = isObject(of) ? decodeTime(of[member]) : undefined;
    if (at !== undefined && Number.isFinite(at)) return at;
    throw new Error(`"${member}" of "horizon" must be a time, or a number of milliseconds`);
  };
  return {
    highest: number(given, "highest"),
    now: number(given, "now"),
    offset: number(given, "offset"),
    swept: number(given, "swept"),
    claim:
      claim === undefined
        ? undefined
        : { since: number(claim, "since"), last: number(claim, "last"), span: number(claim, "span") },
  };
};

/** A text that can be part of the name of a key space. */
const name = (given: Readonly<Record<string, unknown>>, member: string): string => {
  const text = given[member];
  if (typeof text === "string" && text.isWellFormed() && text.length <= 1_000 && /^[^/\n]+$/.test(text)) return text;
  throw new Error(`"${member}" must be a text without "/" and line breaks`);
};

const readTerm = (given: Readonly<Record<string, unknown>>): (Line & { readonly kind: "entry" })["term"] => {
  const { key, fields, values } = given;
  if (typeof key === "string" && /^[0-9a-f]{32}$/.test(key)) return { key };
  if (key !== undefined) throw new Error('"key" must have 32 hexadecimal digits');
  if (!isTexts(fields) || !isTexts(values) || fields.length !== values.length || fields.length === 0)
    throw new Error('"fields" and "values" must be lists of texts of the same length');
  return { fields, values };
};

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) &&
  value.length <= 3 &&
  value.every((each) => typeof each === "string" && each.length <= longestValue && each.isWellFormed());

const readEntry = ({ first_seen, last_seen, seen }: Readonly<Record<string, unknown>>): HistoryEntry => {
  const given = seen === undefined ? [[first_seen, last_seen]] : seen;
  if (!Array.isArray(given) || given.length === 0 || given.length > mostRuns)
    throw new Error('"seen" must be a list of first and last times');
  let end = Number.NEGATIVE_INFINITY;
  return given.map((run: unknown): Run => {
    const [first, last] = Array.isArray(run) && run.length === 2 ? run.map(timeOf) : [];
    if (first === undefined || last === undefined)
      throw new Error(`its times must be like "${timeText(0)}", in "first_seen" and "last_seen" or in "seen"`);
    if (first > last || first <= end) throw new Error("its times are not in order");
    end = last;
    return [first, last];
  });
};

const timeOf = (text: unknown): number | undefined => (typeof text === "string" ? parseTime(text) : undefined);
