/** A time at which learning may have begun, and the times of the events near it. In milliseconds since 1970. */
interface Beginning {
  /** The time of the first of these events to come. */
  readonly since: number;
  /** Their earliest and their latest time, as far as they are more than a quarter of the period apart. */
  readonly from: number;
  readonly to: number;
}

/** How long something learns, on the axis of its rule. */
export interface Period {
  /** Where it may have begun, in the order in which that was seen; one when it is over. */
  readonly beginnings: readonly Beginning[];
  /** An event from after the period has come. */
  readonly isOver: boolean;
}

/** More times than these that are far apart are no mistakes: events are rare. */
const mostBeginnings = 4;

/**
 * The period after an event at `at`, which is the same object if nothing changes. It lasts for `learnFor` milliseconds after its
 * first event. A clock can be wrong by years, and only what follows shows it: a time that is further than `learnFor` from all
 * others is another beginning. The one is believed that events have followed to its end.
 */
export const periodAfter = (period: Period | undefined, at: number, learnFor: number): Period => {
  const begun = { since: at, from: at, to: at };
  if (!period) return { beginnings: [begun], isOver: false };
  const { beginnings, isOver } = period;
  if (isOver) return period;
  const near = beginnings.filter((each) => isNear(each, at, learnFor));
  if (near.length === 0) {
    const all = [...beginnings, begun];
    return all.length > mostBeginnings ? over(all) : { beginnings: all, isOver: false };
  }
  const ended = near.filter(({ since }) => at >= since + learnFor);
  if (ended.length > 0) return over(ended);
  const step = learnFor / 4;
  if (near.every(({ from, to }) => at >= from - step && at <= to + step)) return period;
  return {
    beginnings: beginnings.map((each) => (near.includes(each) ? extended(each, at, step) : each)),
    isOver: false,
  };
};

const isNear = ({ from, to }: Beginning, at: number, learnFor: number): boolean =>
  at >= from - learnFor && at <= to + learnFor;

const extended = ({ since, from, to }: Beginning, at: number, step: number): Beginning => ({
  since,
  from: at < from - step ? at : from,
  to: at > to + step ? at : to,
});

const over = (beginnings: readonly Beginning[]): Period => ({
  beginnings: [beginnings.reduce((first, each) => (each.since < first.since ? each : first))],
  isOver: true,
});

/** Whether a time is within the period, by the latest beginning before it. */
export const isLearningAt = ({ beginnings }: Period, at: number, learnFor: number): boolean =>
  at <
  learnFor + beginnings.reduce((last, { since }) => (since <= at ? Math.max(last, since) : last), sinceIn(beginnings));

const sinceIn = (beginnings: readonly Beginning[]): number => Math.min(...beginnings.map(({ since }) => since));

/** When it began, as far as events have shown: where most time has passed. */
export const likelySince = ({ beginnings }: Period): number =>
  beginnings.reduce((likely, each) => (each.to - each.from >= likely.to - likely.from ? each : likely)).since;

/** The times around `at`, both ends included, that change nothing about the period; `undefined` if there are none. */
export const steadyAround = (period: Period | undefined, at: number, learnFor: number): readonly [number, number] => {
  if (!period) return [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const step = learnFor / 4;
  let [first, last] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (period.isOver) return [first, last];
  for (const beginning of period.beginnings) {
    const { since, from, to } = beginning;
    if (isNear(beginning, at, learnFor)) {
      first = Math.max(first, from - step);
      last = Math.min(last, to + step, since + learnFor - 1);
    } else if (at < from) last = Math.min(last, from - learnFor - 1);
    else first = Math.max(first, to + learnFor + 1);
  }
  return [first, last];
};

/** As JSON of a length that does not depend on the numbers, so that a full state has room for each change. */
export const encodePeriod = ({ beginnings, isOver }: Period, version: string): string =>
  JSON.stringify([version, isOver ? 1 : 0, ...beginnings.flatMap(({ since, from, to }) => [since, from, to])]).padEnd(
    300,
  );

/** `undefined` if it was that of another version than `version`. */
export const decodePeriod = (text: string, version?: string): Period | undefined => {
  const [of, over, ...times] = JSON.parse(text) as readonly [string, 0 | 1, ...number[]];
  if (version !== undefined && of !== version) return undefined;
  const beginnings = Array.from({ length: times.length / 3 }, (_, index): Beginning => {
    const [since, from, to] = times.slice(3 * index) as [number, number, number];
    return { since, from, to };
  });
  return { beginnings, isOver: over === 1 };
};
