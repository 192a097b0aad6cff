import type { Event } from "../../event.ts";
import { type FieldTypes, mappingWith } from "../../fields/mappings.ts";
import { fieldValues } from "../../fields/values.ts";
import type { Data } from "../../json.ts";
import { eventTime, ingestionAxis } from "../event-time.ts";
import { type Hash, tuple } from "../hash.ts";
import { type Candidate, candidates } from "./candidates.ts";
import type { HistoryKeys } from "./keys.ts";
import type { NewTermsOptions } from "./options.ts";

/** What an event has to compare with a history. */
export interface Look {
  /** Its time on the axis of the history, in milliseconds since 1970. */
  readonly at: number;
  readonly oddity: "clamped" | "untimed" | undefined;
  /** Its combinations. */
  readonly found: readonly Candidate[];
  /** The keys of these, and of their single terms. */
  readonly keys: ReadonlySet<string>;
}

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

/** The version of a history: others are separate. */
export const versionOf = ({ hash, selection = "", timestamp = ingestionAxis, fields }: NewTermsOptions): string =>
  hash(tuple(["new_terms", selection, timestamp, ...fields]));

/** Reads what events have to compare: first the values of each field, which may be none, and then all else. */
export const looker = ({ fields, types, hash, timestamp = ingestionAxis }: NewTermsOptions, keys: HistoryKeys) => {
  const readers = fields.map((field) => termsOf(field, types, hash));
  const readTime = eventTime(timestamp);
  return {
    values: (event: Event): readonly (readonly string[])[] => readers.map((read) => read(event.data)),
    look: (event: Event, values: readonly (readonly string[])[]): Look => {
      const { at, note: oddity } = readTime(event);
      const found = candidates(keys, values);
      return { at, oddity, found, keys: new Set(found.flatMap(({ key, termKeys }) => [key, ...termKeys])) };
    },
  };
};

/** Whether a field has no value. */
export const lacksOne = (values: readonly (readonly string[])[]): boolean => values.some(({ length }) => length === 0);
