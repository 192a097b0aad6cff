import { type Data, isObject } from "../../json.ts";
import type { Note } from "../../transform/transform.ts";
import type { RuleTest } from "../rule.ts";

/** What is known of a threat, such as an address. */
export interface Indicator {
  readonly data: Data;
  /** As it was read: its id is made of this if it has none. */
  readonly row: Data;
  readonly id: string | undefined;
  readonly index: string;
}

/** Makes something of indicators that is kept beside them. It yields now and then, so that events need not wait for the end. */
export type Derive<T> = (indicators: readonly Indicator[]) => Generator<void, T>;

/** Where indicators come from. */
export interface IndicatorSource {
  /** The name of the index in Elasticsearch that it stands for. Without a name, it stands for every index. */
  readonly index: string | undefined;
  /**
   * Derives something of the indicators, and does it again when they change. Returns what was made of the current ones. `note` counts
   * what became of changed ones.
   */
  derive<T>(make: Derive<T>): (note: Note) => T;
}

/** How the rows of a list become indicators. */
export interface IndicatorForm {
  /** The name of the index in alerts, for rows that have none. */
  readonly index?: string | undefined;
  /** New names for members of a row, which are then field paths: `{ ip: "threat.indicator.ip" }`. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  /** Fields that every indicator has, unless its row has another value. */
  readonly add?: Data | undefined;
  /** The `@timestamp` of indicators that have none, in milliseconds since 1970. */
  readonly at: number;
}

/** The name of the index of indicators without one. */
export const noIndex = "indicators";

/**
 * Makes an indicator of a row. A row can be a document as Elasticsearch exports it, with `_source`, `_id` and `_index`.
 */
export const indicatorMaker = ({ index = noIndex, fields, add, at }: IndicatorForm): ((row: Data) => Indicator) => {
  const names = new Map(Object.entries(fields ?? {}));
  const common = { "@timestamp": new Date(at).toISOString(), ...add };
  return (row) => {
    const { _source: source, _id: id, _index: ownIndex } = row;
    const content = isObject(source) ? source : row;
    const entries = names.size > 0 ? Object.entries(content).map(([key, value]) => [names.get(key) ?? key, value]) : [];
    return {
      data: { ...common, ...(names.size > 0 ? (Object.fromEntries(entries) as Data) : content) },
      row,
      id: typeof id === "string" && id !== "" ? id : undefined,
      index: typeof ownIndex === "string" && ownIndex !== "" ? ownIndex : index,
    };
  };
};

/** Indicators that do not change. */
export const fixedIndicators = (rows: readonly Data[], form: IndicatorForm): IndicatorSource => {
  const indicators = rows.map(indicatorMaker(form));
  return {
    index: form.index,
    derive: (make) => {
      const making = make(indicators);
      let step = making.next();
      while (!step.done) step = making.next();
      const { value } = step;
      return () => value;
    },
  };
};

/** The indicators of a test of a rule. They are as old as the test. */
export const indicatorsOfTest = ({ indicators = [] }: Pick<RuleTest, "indicators">): readonly IndicatorSource[] => [
  fixedIndicators(indicators, { at: Date.UTC(2026, 0, 1) }),
];
