import type { Context } from "../../context.ts";
import type { Derive, IndicatorSource } from "../../detection/threat-match/indicator.ts";
import type { Config } from "../../option/option.ts";
import { OptionError } from "../../option/option-error.ts";
import type { Note } from "../../transform/transform.ts";
import { readWhole } from "../in-turns.ts";
import { RemoteTable } from "../remote-table.ts";
import { rowFormatOf, rowFormats } from "../rows.ts";
import { WatchedTable } from "../watched-table.ts";
import type { indicatorsOption } from "./option.ts";
import { type Loaded, readIndicators } from "./read.ts";

type Entries = Config<{ readonly indicators: ReturnType<typeof indicatorsOption> }>["indicators"];
type Entry = Entries[number];
type Host = Pick<Context<unknown>, "clock" | "log" | "signal">;

/** Places with indicators, and what must be waited for before the first event. */
export interface OpenIndicators {
  readonly sources: readonly IndicatorSource[];
  /** Resolves when all are there, or the component ends; absent if nothing must be waited for. */
  readonly prepare?: () => Promise<void>;
}

/** What indicators are called in messages. */
const what = "list of indicators";
const second = 1_000;
const minute = 60 * second;

/**
 * Opens places with indicators: files are read at once, and URLs by `prepare`. Throws an `OptionError` for a file that cannot be
 * used, at the option `indicators`.
 */
export const openIndicators = (entries: Entries, host: Host): OpenIndicators => {
  const opened = entries.map((entry, index) => {
    try {
      return openEntry(entry, host);
    } catch (error) {
      throw new OptionError((error as Error).message, ["indicators", index, entry.url === undefined ? "file" : "url"]);
    }
  });
  const preparing = opened.flatMap(({ prepare }) => prepare ?? []);
  return {
    sources: opened.map(({ source }) => source),
    ...(preparing.length > 0 && {
      prepare: async () => void (await Promise.all(preparing.map((prepare) => prepare()))),
    }),
  };
};

interface Opened {
  readonly source: IndicatorSource;
  readonly prepare?: () => Promise<void>;
}

const openEntry = (entry: Entry, host: Host): Opened => {
  const { file, url, index, delimiter, fields, add } = entry;
  const name = file ?? new URL(url!).pathname;
  const format = rowFormatOf(name, entry.format);
  if (!format)
    throw new Error(`the name "${name}" does not say the format; set "format" to one of ${rowFormats.join(", ")}`);
  const derives: Derive<unknown>[] = [];
  const read = function* (bytes: Buffer, at: number): Generator<void, Loaded> {
    const loaded = yield* readIndicators(bytes, { format, delimiter, index, fields, add, at }, derives);
    if (loaded.indicators.length === 0)
      host.log.warn(`the ${what} "${shownPlace(entry)}" is empty: as long as it is, nothing is found by it`);
    return loaded;
  };
  const sourceOf = (current: (note: Note) => Loaded, known: Loaded | undefined): IndicatorSource => ({
    index,
    derive: <T>(make: Derive<T>) => {
      const at = derives.push(make) - 1;
      known?.derived.push(readWhole(make(known.indicators)));
      return (note: Note) => current(note).derived[at] as T;
    },
  });
  const shared = { what, maxSize: entry.max_size, read };
  if (file !== undefined) {
    const table = new WatchedTable<Loaded>({ ...shared, path: file, refresh: entry.refresh ?? 10 * second }, host);
    const current = (note: Note) => table.current(note);
    return {
      source: sourceOf(
        current,
        table.current(() => undefined),
      ),
    };
  }
  const { headers, auth, tls, timeout } = entry;
  const refresh = entry.refresh ?? 15 * minute;
  const page = new RemoteTable<Loaded>({ ...shared, url: url!, headers, auth, tls, timeout, refresh }, host);
  return { source: sourceOf((note) => page.current(note), undefined), prepare: () => page.prepare() };
};

/** Without the query of a URL, which may hold a key. */
const shownPlace = ({ file, url }: Entry): string => {
  if (file !== undefined) return file;
  const { origin, pathname } = new URL(url!);
  return `${origin}${pathname}`;
};
