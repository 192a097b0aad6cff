import { type Event, withData } from "../../event.ts";
import { type FieldTypes, mappingWith } from "../../fields/mappings.ts";
import { fieldValues } from "../../fields/values.ts";
import type { Data } from "../../json.ts";
import { durationText } from "../../option/quantity.ts";
import type { State } from "../../state.ts";
import { eventTime, ingestionAxis, timeText } from "../event-time.ts";
import { type Hash, tuple } from "../hash.ts";
import type { EventTools } from "../rule-type.ts";
import { type Shortened, shorten } from "../shorten.ts";
import { type Candidate, candidates } from "./candidates.ts";
import { History } from "./history.ts";
import { lastSeen, type Observation } from "./observe.ts";
import { TermNames } from "./term-names.ts";
import type { NewTerms } from "./terms.ts";
import { traceCandidates, traceMissing } from "./trace.ts";

export interface NewTermsOptions {
  /** The owner of the history: the id of the component or of the rule. */
  readonly id: string;
  /** For people; by default the id. */
  readonly name?: string;
  /** One to three fields whose values form a combination. */
  readonly fields: readonly string[];
  /** How far back a combination counts as known, in milliseconds. */
  readonly window: number;
  /** How late an event can be and still be judged exactly, in milliseconds; by default the window. */
  readonly lateness?: number | undefined;
  /** The field with the event's time; by default `event.ingested`, the host's own timestamp. See `eventTime`. */
  readonly timestamp?: string | undefined;
  /** The text that selects the events, such as a rule's query. A different text starts a new history. */
  readonly selection?: string;
  /** The types of fields, in place of those of ECS: equal values of a type are one term. */
  readonly types?: FieldTypes;
  readonly state: State;
  readonly hash: Hash;
}

/**
 * The most data, in bytes of JSON, in the copies of an event with several new combinations. A client can make a hundred of
 * them with one long header.
 */
const maxBytes = 2 * 1024 * 1024;

/** The longest value that a term shows whole, in UTF-16 units: an event with many combinations repeats it in each alert. */
const longestTerm = 1024;

const termsOf = (field: string, types: FieldTypes, hash: Hash) => {
  const mapping = mappingWith(field, types);
  const read = fieldValues(field, mapping);
  // No address is longer, and no value of a keyword field.
  if (mapping.type === "ip" || mapping.ignoreAbove <= longestTerm) return read;
  return (data: Data) => read(data).map((value) => asTerm(value, hash));
};

/** A long value as a term: its beginning, and a fingerprint that distinguishes it from others that begin like it. */
const asTerm = (value: string, hash: Hash): string =>
  value.length <= longestTerm
    ? value
    : `${value.slice(0, longestTerm - 128).toWellFormed()}… (${value.length} characters, fingerprint ${hash(value)})`;

const whole = (data: Data): Shortened => ({ data, fields: [] });

/**
 * Finds combinations of the fields' values that were not seen in the window before, as a step for `keep`. An event is
 * sent once for each new combination, with the result under `weir.new_terms` (see `NewTerms`) and its own id. An event
 * without a new combination is consumed as `known`, or as `no_terms` if a field has no value. Every event with values
 * becomes history. A term of more than 1,024 UTF-16 units is identified by its beginning and a fingerprint. For all
 * combinations of an event beyond the first 100, the event is sent once more, unless exactly these values are known. If
 * these copies are more than 2 MiB together, each is shortened to its share. The notes `late`, `clamped`, `untimed`,
 * `overflow` and `state_full` (there was no room to remember what was new) count events.
 */
export const newTerms = (options: NewTermsOptions) => {
  const {
    id,
    name = id,
    fields,
    window,
    lateness = window,
    timestamp = ingestionAxis,
    selection = "",
    state,
    hash,
  } = options;
  const readers = fields.map((field) => termsOf(field, options.types, hash));
  const readTime = eventTime(timestamp);
  const version = hash(tuple(["new_terms", selection, timestamp, ...fields]));
  const names = new TermNames(state, { id, name, version, fields, window, timestamp });
  const history = new History({ id, version, window, lateness, state, hash, names });

  return (event: Event, { note, trace }: EventTools): readonly Event[] | "known" | "no_terms" => {
    const values = readers.map((read) => read(event.data));
    if (values.some(({ length }) => length === 0)) {
      if (trace) traceMissing(fields, values, trace);
      return "no_terms";
    }
    const { at, note: oddity } = readTime(event);
    const found = candidates(history, values);
    const { seen, late, full } = history.observe(
      { at, ingested: event.meta.ingested },
      new Set(found.flatMap(({ key, termKeys }) => [key, ...termKeys])),
      found,
    );
    if (trace) traceCandidates(found, { fields, window, at, seen }, trace);
    if (oddity) note(oddity);
    if (late) note("late");
    if (full) note("state_full");
    if (found.at(-1)?.beyond) note("overflow");
    const news = found.filter(({ key }) => seen.get(key)!.isNew);
    if (news.length === 0) return "known";
    const short = news.length === 1 ? whole(event.data) : shorten(event.data, Math.floor(maxBytes / news.length));
    return news.map((candidate) =>
      tell(event, short.data, describe(candidate, { event, at, timestamp, fields, window, seen, full, short }), hash),
    );
  };
};

interface Circumstances {
  readonly event: Event;
  readonly at: number;
  readonly timestamp: string;
  readonly fields: readonly string[];
  readonly window: number;
  readonly seen: ReadonlyMap<string, Observation>;
  readonly full: boolean;
  readonly short: Shortened;
}

const describe = ({ key, values, termKeys, beyond }: Candidate, circumstances: Circumstances): NewTerms => {
  const { event, at, timestamp, fields, window, seen, full, short } = circumstances;
  const last = (of: string) => {
    const time = lastSeen(seen.get(of)!, at, window);
    return time === undefined ? {} : { last_seen: timeText(time) };
  };
  return {
    event_id: event.meta.id,
    at: timeText(at),
    timestamp,
    window: durationText(window),
    terms: values.map((value, field) => {
      const termKey = termKeys[field]!;
      return { field: fields[field]!, value, new: seen.get(termKey)!.isNew, ...last(termKey) };
    }),
    ...last(key),
    ...(beyond !== undefined && { beyond }),
    ...(full && { state_full: true as const }),
    ...(short.fields.length > 0 && { shortened: short.fields }),
  };
};

const tell = (event: Event, data: Data, found: NewTerms, hash: Hash): Event => {
  const id = () => hash(tuple(["new_terms", found.event_id, ...found.terms.map(({ value }) => value)]));
  return withData(event, { ...data, weir: { new_terms: found } }, id);
};
