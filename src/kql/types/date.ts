import { compareMoments, type Moment } from "../../fields/date.ts";
import { momentReader, type ReadMoment } from "../../fields/date-format.ts";
import { type DateExpression, parseDateExpression } from "../../fields/date-math.ts";
import { momentOf } from "../../fields/values.ts";
import type { KqlOperator } from "../node.ts";
import type { Clock } from "./clock.ts";
import { type Comparison, ordered, Unfit } from "./comparison.ts";

const examples = "Write a date such as 2026-01-31, 2026-01-31T10:00:00Z (in quotes), now-7d/d or 2026-01-31||+1M.";

/** `2026-01`, or a moment before or after it: whether the end of what is written limits the values. */
const endsAt: Readonly<Record<KqlOperator, boolean>> = { ">": true, ">=": false, "<": false, "<=": true };

/** Times, in UTC unless they say otherwise. A coarse date such as `2026-01` covers its whole unit. */
const dates = (compare: (a: Moment, b: Moment) => number, format?: string): Comparison => {
  const read = momentReader(format);
  const hint = format === undefined ? examples : `Write a date as in the format ${format}, or now-7d/d.`;
  return {
    exists: (value) => momentOf(value, read) !== undefined,
    equal(text, _quoted, clock) {
      const date = expressionOf(text, { read, hint, clock });
      const [first, last] = [limitOf(date, false, clock), limitOf(date, true, clock)];
      return (value) => {
        const moment = momentOf(value, read);
        return moment !== undefined && compare(moment, first()) >= 0 && compare(moment, last()) <= 0;
      };
    },
    pattern() {
      throw new Unfit("dates have no patterns", hint);
    },
    range(operator, text, clock) {
      const limit = limitOf(expressionOf(text, { read, hint, clock }), endsAt[operator], clock);
      const holds = ordered(operator);
      return (value) => {
        const moment = momentOf(value, read);
        return moment !== undefined && holds(compare(moment, limit()));
      };
    },
  };
};

interface Written {
  readonly read: ReadMoment;
  /** How dates are written. */
  readonly hint: string;
  readonly clock: Clock | undefined;
}

const expressionOf = (text: string, { read, hint, clock }: Written): DateExpression => {
  const expression = parseDateExpression(text, read);
  if (!expression) throw new Unfit("it is not a date", hint);
  if (expression.usesNow) {
    if (!clock) throw new Unfit('there is no "now" here', "Write a fixed date.");
    clock.isUsed = true;
  }
  return expression;
};

/** The limit that a date stands for. It is calculated once for each time that the clock shows. */
const limitOf = (date: DateExpression, end: boolean, clock: Clock | undefined): (() => Moment) => {
  let limit = date.at(0, end);
  if (!clock || !date.usesNow) return () => limit;
  let calculatedFor = 0;
  return () => {
    if (calculatedFor !== clock.now) {
      calculatedFor = clock.now;
      limit = date.at(calculatedFor, end);
    }
    return limit;
  };
};

/** In milliseconds, as Elasticsearch holds a `date`. */
export const date = dates((a, b) => a.at - b.at);

/** The same, for texts in another format. */
export const dateWith = (format: string): Comparison => dates((a, b) => a.at - b.at, format);

/** In nanoseconds. */
export const dateNanos = dates(compareMoments);
