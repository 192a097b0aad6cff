import {
  type Derive,
  type Indicator,
  type IndicatorForm,
  indicatorMaker,
} from "../../detection/threat-match/indicator.ts";
import { counted } from "../../text.ts";
import { type RowFormat, readRows } from "../rows.ts";
import { TableError } from "../table-error.ts";

/** Indicators, and what rules have derived of them. */
export interface Loaded {
  readonly size: string;
  readonly indicators: readonly Indicator[];
  /** In the order of what derives. */
  readonly derived: unknown[];
}

/** The most indicators of one place. */
const mostIndicators = 1_000_000;

export interface Reading extends Omit<IndicatorForm, "at"> {
  readonly format: RowFormat;
  readonly delimiter: string;
}

/** Reads indicators, and derives from them. Throws a `TableError`. */
export const readIndicators = function* (
  bytes: Buffer,
  { format, delimiter, ...form }: Reading & { readonly at: number },
  derives: readonly Derive<unknown>[],
): Generator<void, Loaded> {
  const make = indicatorMaker(form);
  const indicators: Indicator[] = [];
  for (const row of readRows(bytes, format, { delimiter })) {
    if (indicators.length >= mostIndicators)
      throw new TableError(
        `it has more than ${mostIndicators} indicators; leave out those that are out of date, or spread them over several entries`,
      );
    indicators.push(make(row));
    yield;
  }
  const derived: unknown[] = [];
  for (const derive of derives) derived.push(yield* derive(indicators));
  return { size: counted(indicators.length, "indicator"), indicators, derived };
};
