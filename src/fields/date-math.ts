import { dayStart, daysIn, type Moment, parseMoment } from "./date.ts";
import type { ReadMoment } from "./date-format.ts";

/** A date in a query: a fixed one, or one that depends on the time. */
export interface DateExpression {
  readonly usesNow: boolean;
  /** The moment that it stands for, or the last one of its unit if `end` is true. `now` is in milliseconds since 1970. */
  at(now: number, end: boolean): Moment;
}

type Unit = "y" | "M" | "w" | "d" | "h" | "m" | "s";

interface Step {
  readonly sign: "+" | "-" | "/";
  readonly count: number;
  readonly unit: Unit;
}

/** More steps than this are not read. */
const mostSteps = 64;

const step = /([+-])(\d{0,9})([yMwdhHms])|\/([yMwdhHms])/y;

/**
 * Reads a date of a query as Elasticsearch does: `2026-01`, `now-7d/d`, `2026-01-01||+1M/M`. `+1M` adds calendar months, and
 * the day stays within the month; `/w` is the week's Monday. Weeks, days and hours are those of UTC. `undefined` for a
 * text of another form.
 */
export const parseDateExpression = (text: string, parse: ReadMoment = parseMoment): DateExpression | undefined => {
  const bar = text.indexOf("||");
  if (!text.startsWith("now") && bar < 0) {
    const [first, last] = [parse(text), parse(text, true)];
    return first && last && { usesNow: false, at: (_now, end) => (end ? last : first) };
  }
  const usesNow = text.startsWith("now");
  const anchor = usesNow ? undefined : parse(text.slice(0, bar));
  const steps = stepsOf(text, usesNow ? "now".length : bar + "||".length);
  if (!steps || (!usesNow && !anchor)) return undefined;
  return { usesNow, at: (now, end) => calculated(anchor ?? { at: now, nanos: 0 }, steps, end) };
};

const stepsOf = (text: string, from: number): readonly Step[] | undefined => {
  const steps: Step[] = [];
  step.lastIndex = from;
  while (step.lastIndex < text.length) {
    const [, sign, count, unit, rounding] = step.exec(text) ?? [];
    if ((unit ?? rounding) === undefined || steps.length === mostSteps) return undefined;
    steps.push({ sign: (sign ?? "/") as Step["sign"], count: Number(count || 1), unit: unitOf(unit ?? rounding!) });
  }
  return steps;
};

const unitOf = (letter: string): Unit => (letter === "H" ? "h" : letter) as Unit;

const calculated = (start: Moment, steps: readonly Step[], end: boolean): Moment => {
  let { at, nanos } = start;
  for (const { sign, count, unit } of steps) {
    if (sign === "/") {
      at = floorTo(at, unit);
      nanos = 0;
      if (!end) continue;
      at = moved(at, 1, unit) - 1;
      nanos = 999_999;
    } else at = moved(at, sign === "-" ? -count : count, unit);
  }
  return { at, nanos };
};

const lengths = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;

/** 1970 began on a Thursday, and weeks begin on Mondays. */
const firstMonday = 4 * lengths.d;

const floorTo = (at: number, unit: Unit): number => {
  if (unit === "y" || unit === "M") {
    const date = new Date(at);
    return dayStart(date.getUTCFullYear(), unit === "y" ? 1 : date.getUTCMonth() + 1, 1);
  }
  const start = unit === "w" ? firstMonday : 0;
  return Math.floor((at - start) / lengths[unit]) * lengths[unit] + start;
};

const moved = (at: number, count: number, unit: Unit): number => {
  if (unit !== "y" && unit !== "M") return at + count * lengths[unit];
  const date = new Date(at);
  const months = date.getUTCFullYear() * 12 + date.getUTCMonth() + count * (unit === "y" ? 12 : 1);
  const [year, month] = [Math.floor(months / 12), (((months % 12) + 12) % 12) + 1];
  const day = Math.min(date.getUTCDate(), daysIn(year, month));
  return dayStart(year, month, day) + (at - floorTo(at, "d"));
};
