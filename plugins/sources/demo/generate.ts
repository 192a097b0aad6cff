import { auditLine, microTime } from "./audit-event.ts";
import { Random } from "./random.ts";
import { routineRequest, unusualRequest } from "./traffic.ts";

/** The time of the first event, and the time between events. */
const start = Date.UTC(2026, 2, 2, 8);
const interval = 5;

/** One in this many events is an unusual request. */
const unusualEvery = 500;

/** How many routine requests are generated. Each routine event is one of them, with its own id and times. */
const routines = 8_192;
const auditID = "00000000-0000-4000-a000-000000000000";
const received = "2000-01-01T00:00:00.000000Z";
const staged = "2000-01-01T00:00:01.000000Z";
const placeholders = new RegExp(`${auditID}|${received}|${staged}`);

const cache = new Map<number, string[]>();

/** The line of a routine request, split at its id and its two times. */
const routine = (number: number, seed: number): readonly string[] => {
  const key = seed * routines + number;
  const known = cache.get(key);
  if (known) return known;
  if (cache.size >= routines) cache.clear();
  const line = auditLine(routineRequest(new Random(seed, -number - 2)), auditID, { received, staged });
  const pieces = line.split(placeholders);
  cache.set(key, pieces);
  return pieces;
};

/** Audit event number `index` of a made-up cluster: one line of JSON that depends only on `index` and `seed`. */
export const auditEvent = (index: number, seed: number): string => {
  const random = new Random(seed, index);
  const id = random.uuid();
  const time = start + index * interval;
  const from = microTime(time, random.below(1_000));
  const to = microTime(time + 1 + random.below(40), random.below(1_000));
  if (random.below(unusualEvery) === 0) return auditLine(unusualRequest(random), id, { received: from, staged: to });
  const [head, request, between, tail] = routine(random.below(routines), seed);
  return `${head}${id}${request}${from}${between}${to}${tail}`;
};
