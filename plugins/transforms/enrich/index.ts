import { type Data, defineTransform, type Json, option, RejectError } from "weir";
import { Draft, isObject, readPath, WriteError } from "weir/fields";
import { TableError, WatchedTable } from "weir/tables";
import { atOption, OptionError } from "weir/transform";
import { Columns } from "./columns.ts";
import { formatOf, formats, readerOf } from "./format.ts";
import type { Table } from "./tables/table.ts";

const delimiter = option.compiled("one character", (text) => {
  if (text.length !== 1 || text === '"') throw new Error("it must be one character other than a quote");
  return text;
});

export default defineTransform({
  name: "enrich",
  summary: "Adds columns of a table to events: of CSV, JSON or NDJSON by a key, or of a GeoIP database by an address.",
  options: {
    file: option.path("The file with the table. It is read again when it has changed.", { examples: ["hosts.csv"] }),
    format: option.optional(option.oneOf(...formats)("The format of the file; its name says it by default.")),
    delimiter: delimiter("What is between two values of CSV.", { default: "," }),
    field: option.field(
      "The field of the event whose value is looked up; of a list, the first value with a row counts.",
      {
        examples: ["source.ip"],
      },
    ),
    key: option.optional(
      option.text("The column with the keys; not for an object of JSON, or for MMDB.", { examples: ["ip"] }),
    ),
    match: option.oneOf("exact", "network")(
      "How a value and a key match: they are equal, or the key is a network (`10.0.0.0/8`) that the address is in; the smallest counts.",
      { default: "exact" },
    ),
    ignore_case: option.boolean("Whether keys and values that differ in upper and lower case are equal.", {
      default: false,
    }),
    columns: option.optional(
      option.list(option.text, { minItems: 1 })("The columns to add; all but the key by default.", {
        examples: [["team", "site"]],
      }),
    ),
    target: option.optional(
      option.field(
        "The object to write into. By default it is the event itself, and for MMDB the object with the address: `source` for `source.ip`.",
      ),
    ),
    override: option.boolean("Whether to replace fields that the event already has.", { default: true }),
    on_missing: option.oneOf("keep", "reject")(
      "What to do with an event without the field or without a row: `keep` sends it on, `reject` sends it to the dead letter.",
      { default: "keep" },
    ),
    default: option.optional(
      option.json("The columns of an event without a row.", { examples: [{ team: "unknown" }] }),
    ),
    max_size: option.bytes("The largest size of the file.", { default: "128MiB" }),
    refresh: option.window("How often to look whether the file has changed, while events come.", { default: "10s" }),
  },
  notes:
    "CSV has the names of its columns in the first line; its values are texts, and empty ones are left out. JSON is an array of objects, " +
    "or an object whose members are the rows by their keys (up to 4 MiB); NDJSON has an object in each line. The dots in a column's name are nesting: the column `host.name` " +
    "becomes `host: { name }`. A table has at most 1,000,000 rows, and no key twice.\n\n" +
    "Of the City, Country, ASN and similar databases of MaxMind, the columns are fields of ECS: `geo.continent_code`, `geo.continent_name`, " +
    "`geo.country_iso_code`, `geo.country_name`, `geo.region_iso_code`, `geo.region_name`, `geo.city_name`, `geo.postal_code`, " +
    "`geo.timezone`, `geo.location`, `as.number` and `as.organization.name`. Of other databases, they are the members of the record.\n\n" +
    "A changed file is read in the background, and events get the old table meanwhile. If the new file cannot be used, the old table stays, and " +
    "the log says why. Replace the file by renaming another one, so that it is never seen half written. The metrics count `table_reloaded`, " +
    "`table_reload_failed` and, for events without a row, `unmatched`. Paths are relative to the working directory.",
  each: ({ config, clock, log, signal }) => {
    const { file, field, target, on_missing, override } = config;
    const fallback = atOption(["default"], () => fallbackOf(config));
    const format = atOption(["file"], () => formatOf(file, config.format));
    if (format === "mmdb" && config.match === "network")
      throw new OptionError('"match" is not for MMDB, which always finds networks', ["match"]);
    const source = readPath(field);
    const columns = new Columns({
      wanted: config.columns,
      under: target ?? (format === "mmdb" ? parentOf(field) : undefined),
    });
    const options = { key: config.key, match: config.match, ignoreCase: config.ignore_case };
    const read = readerOf(format, config.delimiter);
    const watched = {
      what: "table",
      path: file,
      read: (bytes: Buffer) => read(bytes, options),
      maxSize: config.max_size,
      refresh: config.refresh,
      check: (table: Table) => columns.check(table),
    };
    const table = atOption(["file"], () => new WatchedTable<Table>(watched, { clock, log, signal }));
    return (event, { note }) => {
      const draft = Draft.of(event);
      const value = draft.get(source);
      const row = rowOf(table.current(note), value);
      if (!row) {
        note("unmatched");
        if (on_missing === "reject") throw new RejectError("no_row", noRow(field, value));
        if (!fallback) return event;
      }
      try {
        columns.write(draft, row ?? fallback!, override);
      } catch (error) {
        if (error instanceof WriteError) throw new RejectError("enrich_failed", error.message);
        throw error;
      }
      return draft.event;
    };
  },
});

const fallbackOf = ({
  default: value,
  on_missing,
  columns,
}: {
  readonly default?: Json;
  readonly on_missing: string;
  readonly columns?: readonly string[];
}): Data | undefined => {
  if (value === undefined) return undefined;
  if (!isObject(value)) throw new Error('"default" must be a map of columns and values');
  if (on_missing === "reject")
    throw new Error('"default" is for events that are kept; leave it or "on_missing: reject" out');
  const other = columns && Object.keys(value).find((name) => !columns.includes(name));
  if (other !== undefined) throw new Error(`"default" has the column "${other}", which "columns" leaves out`);
  return value;
};

const parentOf = (field: string): string | undefined =>
  field.includes(".") ? field.slice(0, field.lastIndexOf(".")) : undefined;

const rowOf = (table: Table, value: unknown): Data | undefined => {
  try {
    return table.find(value);
  } catch (error) {
    if (error instanceof TableError) throw new RejectError("enrich_failed", error.message);
    throw error;
  }
};

const noRow = (field: string, value: unknown): string => {
  if (value === undefined) return `the event has no field "${field}"`;
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return `the table has no row for ${field}: "${text.length > 80 ? `${text.slice(0, 79)}…` : text}"`;
};
