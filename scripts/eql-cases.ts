import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { compileEql, type Found, formatEql, parseEql, searchEql } from "../src/eql/index.ts";
import type { FieldType } from "../src/fields/types.ts";
import type { Data } from "../src/json.ts";

/**
 * Runs the cases of a folder: `cases.jsonl` with queries and the ids of the events that they find, and files of events.
 * Prints what did not pass, and how many did.
 */
const usage = "Usage: npm run conformance:eql -- FOLDER";

interface Case {
  readonly name: string;
  /** Names of files, with commas between them. */
  readonly data: string;
  readonly query: string;
  /** Sequences and samples one after the other; -1 where an event is missing. */
  readonly expected: readonly number[];
  readonly expected_any?: readonly (readonly number[])[];
  readonly join_keys?: readonly string[];
  readonly size?: number;
}

interface Event {
  readonly data: Data;
  readonly time: number;
  readonly tiebreaker: number;
  readonly id: number;
}

/** The number that tells which event it is; the first of these fields that it has. */
const ids = ["serial_event_id", "sequence", "id"];
const fields: Readonly<Record<string, FieldType>> = { source_address: "ip", ip: "ip", host_ip: "ip" };
/** Fields of dates, whatever they are written like. */
const dates = ["@timestamp_pretty", "date"];

const number = (value: unknown): number => (typeof value === "number" ? value : Number.NaN);

/** The milliseconds of a date: digits, a day such as 17-12-2022 or 2022-12-17, or a time in ISO 8601. */
const milliseconds = (text: unknown): number => {
  if (typeof text !== "string") return number(text);
  if (/^\d+$/.test(text)) return Number(text);
  return Date.parse(text.replace(/^(\d\d)-(\d\d)-(\d{4})$/, "$3-$2-$1"));
};

/** `timestamp` counts 100 nanoseconds since 1601. */
const timeOf = (data: Data): number =>
  "@timestamp" in data
    ? milliseconds(data["@timestamp"])
    : "timestamp" in data
      ? number(data["timestamp"]) / 10_000 - 11_644_473_600_000
      : 0;

const eventOf = (source: Data): Event => {
  const id = number(source[ids.find((name) => name in source) ?? "id"]);
  const data = Object.fromEntries(
    Object.entries(source).map(([key, value]) => [key, dates.includes(key) ? milliseconds(value) : value]),
  );
  return { data, time: timeOf(source), tiebreaker: id, id };
};

const files = new Map<string, readonly Event[]>();

const eventsOf = (folder: string, name: string): readonly Event[] => {
  const known = files.get(name) ?? (JSON.parse(readFileSync(join(folder, name), "utf8")) as Data[]).map(eventOf);
  files.set(name, known);
  return known;
};

/** Samples have no order in time: their events stay in the order of the files. */
const ordered = (events: readonly Event[]): readonly Event[] =>
  events.some(({ data }) => timeOf(data) !== 0)
    ? events.toSorted((a, b) => a.time - b.time || a.tiebreaker - b.tiebreaker)
    : events;

const idsOf = (found: readonly Found<Event>[]): readonly number[] =>
  found.flatMap(({ events }) => events.map((event) => event?.id ?? -1));

const keysOf = (found: readonly Found<Event>[]): readonly string[] => found.flatMap(({ keys }) => keys.map(String));

/** What is wrong with a case; `undefined` if it passes. */
const fails = (folder: string, { data, query, expected, expected_any, join_keys, size = 50 }: Case): unknown => {
  const tree = parseEql(query);
  if (!isDeepStrictEqual(parseEql(formatEql(tree)), tree)) return { printed: formatEql(tree) };
  const events = ordered(data.split(",").flatMap((name) => eventsOf(folder, name)));
  const found = searchEql(compileEql(tree, { fields, unlisted: "by_value", category: "event_type" }), events, size);
  const right = expected_any ?? [expected];
  if (!right.some((ids) => isDeepStrictEqual(ids, idsOf(found)))) return { found: idsOf(found), expected: right };
  if (join_keys && !isDeepStrictEqual(keysOf(found), join_keys)) return { keys: keysOf(found), expected: join_keys };
  return undefined;
};

const outcome = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return { error: String(error) };
  }
};

const main = (folder: string | undefined): number => {
  if (folder === undefined) {
    console.error(usage);
    return 2;
  }
  const cases = readFileSync(join(folder, "cases.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as Case);
  let failed = 0;
  for (const one of cases) {
    const wrong = outcome(() => fails(folder, one));
    if (wrong === undefined) continue;
    failed++;
    console.log(`FAILED ${one.name}: ${one.query.trim()}\n  ${JSON.stringify(wrong)}`);
  }
  console.log(`${cases.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
};

process.exitCode = main(process.argv[2]);
