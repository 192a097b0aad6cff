import { byValue } from "../../fields/mapping.ts";
import type { MappingOf } from "../../fields/mappings.ts";
import { compilePath } from "../../fields/path.ts";
import { fieldValues, indexedText } from "../../fields/values.ts";
import type { Data } from "../../json.ts";
import type { IndicatorFilter } from "./filter.ts";
import type { Indicator } from "./indicator.ts";
import type { Entry, ThreatMatch } from "./options.ts";
import { EventValues, type IndicatorValues, indicatorValues, ValueIndex } from "./value-index.ts";

/** An indicator that fits an event. */
export interface Match {
  readonly indicator: Indicator;
  /** What the entries found that must be equal, in their order. */
  readonly found: readonly { readonly entry: Entry; readonly text: string }[];
}

/** The indicators of one source, indexed for one rule. */
export interface IndexedIndicators {
  readonly indicators: readonly Indicator[];
  /** By the key of an entry. */
  readonly indexes: ReadonlyMap<string, ValueIndex>;
}

/** An entry that is ready to compare. */
interface ReadyEntry {
  readonly entry: Entry;
  /** Entries with the same key share an index. */
  readonly key: string;
  readonly ofIndicator: IndicatorValues;
  ofEvent(data: Data): EventValues;
  /** The values of an event as they are written there, by their texts. */
  written(data: Data): ReadonlyMap<string, unknown>;
}

/** How many indicators are indexed before events get their turn. */
const perTurn = 256;

/** The most indicators that an event is compared with in full, after its look-ups. */
const mostCompared = 100_000;

/** What became of the indicators that have one of the values. */
export interface Looked {
  readonly matches: readonly Match[];
  /** There may be more. */
  readonly isCut: boolean;
}

/** Finds the indicators that fit an event. The time that an event takes does not depend on how many indicators there are. */
export class Matcher {
  readonly #groups: readonly { readonly wanted: readonly ReadyEntry[]; readonly unwanted: readonly ReadyEntry[] }[];
  readonly #filter: IndicatorFilter;

  constructor(mapping: ThreatMatch["mapping"], mappings: MappingOf, filter: IndicatorFilter) {
    this.#filter = filter;
    this.#groups = mapping.map(({ entries }) => {
      const ready = distinct(entries).map((entry) => readyEntry(entry, mappings));
      return {
        wanted: ready.filter(({ entry }) => !entry.negate),
        unwanted: ready.filter(({ entry }) => entry.negate),
      };
    });
  }

  /** Indexes indicators; those that the filter leaves out at any time are not among them. */
  *index(indicators: readonly Indicator[]): Generator<void, IndexedIndicators> {
    const indexes = new Map<string, ValueIndex>();
    for (const { wanted } of this.#groups)
      for (const { key, ofIndicator } of wanted) if (!indexes.has(key)) indexes.set(key, new ValueIndex(ofIndicator));
    for (const [number, { data }] of indicators.entries()) {
      if (number % perTurn === 0) yield;
      if (this.#filter.ever(data)) for (const index of indexes.values()) index.add(number, data);
    }
    return { indicators, indexes };
  }

  /**
   * The indicators that fit an event, up to `most`. `now`: what the rule's query about indicators means by it. `look` gets what
   * each entry found in each source.
   */
  find(
    data: Data,
    indexed: readonly IndexedIndicators[],
    { now, most, look }: { readonly now: number; readonly most: number; readonly look?: Look | undefined },
  ): Looked {
    const matches: Match[] = [];
    let isCut = false;
    for (const [group, { wanted, unwanted }] of this.#groups.entries()) {
      const values = wanted.map((entry) => entry.ofEvent(data));
      const refused = unwanted.map((entry) => ({ entry, values: entry.ofEvent(data) }));
      const isComplete = values.every(({ texts }) => texts.size > 0);
      for (const { indicators, indexes } of indexed) {
        const hits = wanted.map(({ key }, at) => hitsOf(indexes.get(key)!, values[at]!));
        if (look)
          for (const [at, { entry }] of wanted.entries())
            look({ group, entry, values: [...values[at]!.texts], count: countOf(hits[at]!) });
        if (!isComplete) continue;
        const fewest = hits.reduce((least, one, at) => (countOf(one) < countOf(hits[least]!) ? at : least), 0);
        const candidates = inOrder(hits[fewest]!);
        if (candidates.length > mostCompared) isCut = true;
        for (const [number, text] of candidates.slice(0, mostCompared)) {
          const indicator = indicators[number]!;
          const found = wanted.flatMap(({ entry, ofIndicator }, at) => {
            const common = at === fewest ? text : values[at]!.common(ofIndicator, indicator.data);
            return common === undefined ? [] : [{ entry, text: common }];
          });
          if (found.length < wanted.length) continue;
          if (!refused.every(({ entry, values }) => differs(entry, indicator.data, values))) continue;
          if (!this.#filter.now(indicator.data, now)) continue;
          if (matches.length >= most) return { matches, isCut: true };
          matches.push({ indicator, found });
        }
      }
    }
    return { matches, isCut };
  }

  /** The values of an event that entries find, as they are written in the event. */
  written(data: Data): (entry: Entry, text: string) => unknown {
    const all = this.#groups.flatMap(({ wanted }) => wanted);
    const known = new Map<string, ReadonlyMap<string, unknown>>();
    return ({ field }, text) => {
      const values = known.get(field) ?? all.find(({ entry }) => entry.field === field)?.written(data);
      if (!values) return text;
      known.set(field, values);
      return values.has(text) ? values.get(text) : text;
    };
  }
}

/** What an entry of a group found in one source. */
export interface Seen {
  readonly group: number;
  readonly entry: Entry;
  readonly values: readonly string[];
  /** How many indicators have one of the values. */
  readonly count: number;
}

type Look = (seen: Seen) => void;

/** The indicators that have a value of an event: each list of indicators once, with the first value that led to it. */
type Hits = readonly (readonly [text: string, numbers: number | readonly number[]])[];

const hitsOf = (index: ValueIndex, { texts }: EventValues): Hits => {
  const hits: (readonly [string, number | readonly number[]])[] = [];
  // Many values can be in one network, with many indicators.
  const known = new Set<number | readonly number[]>();
  for (const text of texts)
    index.find(text, (numbers) => {
      if (known.has(numbers)) return;
      known.add(numbers);
      hits.push([text, numbers]);
    });
  return hits;
};

const countOf = (hits: Hits): number =>
  hits.reduce((sum, [, numbers]) => sum + (typeof numbers === "number" ? 1 : numbers.length), 0);

/** Each number once, with its first text, in the order of the indicators. More than are compared are not looked for. */
const inOrder = (hits: Hits): readonly (readonly [number: number, text: string])[] => {
  const all = new Map<number, string>();
  for (const [text, numbers] of hits)
    for (const number of typeof numbers === "number" ? [numbers] : numbers) {
      if (all.size > mostCompared) break;
      if (!all.has(number)) all.set(number, text);
    }
  const found = [...all];
  return hits.length > 1 ? found.sort(([a], [b]) => a - b) : found;
};

/** As in Kibana: an indicator without a value differs from every value that an event has. */
const differs = ({ ofIndicator }: ReadyEntry, data: Data, values: EventValues): boolean => {
  const hasNone = ofIndicator.texts(data).length === 0 && ofIndicator.networks(data).length === 0;
  return hasNone ? values.texts.size > 0 : values.common(ofIndicator, data) === undefined;
};

const distinct = (entries: readonly Entry[]): readonly Entry[] => [
  ...new Map(entries.map((entry) => [JSON.stringify([entry.field, entry.value, entry.negate]), entry])).values(),
];

const readyEntry = (entry: Entry, mappings: MappingOf): ReadyEntry => {
  const mapping = mappings(entry.field) ?? byValue;
  const read = fieldValues(entry.field, mapping);
  const text = indexedText(mapping);
  const { some } = compilePath(entry.field);
  return {
    entry,
    key: `${mapping.type} ${mapping.ignoreAbove} ${entry.value}`,
    ofIndicator: indicatorValues(entry.value, mapping),
    ofEvent: (data) => new EventValues(read(data)),
    written: (data) => {
      const values = new Map<string, unknown>();
      some(data, (value) => {
        const found = text(value);
        if (found !== undefined && !values.has(found)) values.set(found, value);
        return false;
      });
      return values;
    },
  };
};
