/** Host times that are far from the known one, and not trusted yet. */
interface Claim {
  /** The first and the latest of them. */
  readonly since: number;
  readonly last: number;
  /** How much time they have passed through, in steps of at most a quarter of the window. */
  readonly span: number;
}

/**
 * What a history knows of the time, which decides what it may forget. The clock of the host can be wrong by years, for one
 * event or for months, and only what follows shows it. So a host time that is more than a window from the known one is a
 * claim at first. It is believed when the host has kept to it for a window. Until then nothing is forgotten because of it.
 */
export interface Horizon {
  /** The highest event time; never more than the tolerance ahead of `now`. */
  readonly highest: number;
  /** The latest host time that is believed. */
  readonly now: number;
  /** By how much `highest` was set back in all: `highest + offset` never runs backwards. */
  readonly offset: number;
  /** Everything that expires before this is gone; on the axis of `highest + offset`. */
  readonly swept: number;
  readonly claim: Claim | undefined;
}

/** An event as the horizon sees it: its time, and the host's when it arrived. Milliseconds since 1970. */
export interface Moment {
  readonly at: number;
  readonly ingested: number;
}

/** How far an event's time may be ahead of its ingestion, in milliseconds. */
export const tolerance = 5 * 60_000;

/** The horizon of a history whose first event this is. */
export const firstHorizon = ({ at, ingested }: Moment, lateness: number): Horizon => ({
  highest: at,
  now: ingested,
  offset: 0,
  swept: at - lateness,
  claim: undefined,
});

/** The horizon after an event. */
export const advance = (horizon: Horizon, { at, ingested }: Moment, window: number): Horizon => {
  const { now, claim } = timeAfter(horizon, ingested, window);
  const highest = Math.min(Math.max(horizon.highest, at), now + tolerance);
  // Only a host time that was believed and is not any more sets the highest time back.
  const offset = horizon.offset + Math.max(0, horizon.highest - highest);
  return { highest, now, offset, swept: horizon.swept, claim };
};

const timeAfter = ({ now, claim }: Horizon, ingested: number, window: number): Pick<Horizon, "now" | "claim"> => {
  if (Math.abs(ingested - now) <= window) return { now: Math.max(now, ingested), claim: undefined };
  const isSame = claim && ingested >= claim.since - window && ingested > now === claim.since > now;
  if (!isSame) return { now, claim: { since: ingested, last: ingested, span: 0 } };
  const last = Math.max(claim.last, ingested);
  const span = claim.span + Math.min(last - claim.last, window / 4);
  return span >= window ? { now: last, claim: undefined } : { now, claim: { since: claim.since, last, span } };
};

export const isSameHorizon = (a: Horizon, b: Horizon): boolean =>
  a.highest === b.highest && a.now === b.now && a.offset === b.offset && a.swept === b.swept && a.claim === b.claim;

/** When an entry expires that was last seen at `last` and is kept for `kept` milliseconds after that. */
export const expiresAt = ({ highest, offset, swept, claim }: Horizon, last: number, kept: number): number => {
  const latest = Math.max(highest, (claim?.last ?? highest) + tolerance);
  // What is stored now outlasts the next sweeps, however far behind it is.
  return Math.max(offset + Math.min(last, latest), swept) + kept;
};

/** As JSON of a length that does not depend on the numbers, so that a full state has room for it. */
export const encodeHorizon = ({ highest, now, offset, swept, claim }: Horizon): string =>
  JSON.stringify([highest, now, offset, swept, ...(claim ? [claim.since, claim.last, claim.span] : [])]).padEnd(140);

/** `ingested` is the host's time of the current event, which older versions did not store. */
export const decodeHorizon = (text: string, ingested: number): Horizon => {
  const parts: unknown = JSON.parse(text);
  if (!Array.isArray(parts)) {
    const highest = Number(parts);
    return { highest, now: Math.max(highest - tolerance, ingested), offset: 0, swept: highest, claim: undefined };
  }
  const [highest, now, offset, swept, since, last, span] = parts as number[];
  const claim = since === undefined ? undefined : { since, last: last!, span: span! };
  return { highest: highest!, now: now!, offset: offset!, swept: swept!, claim };
};
