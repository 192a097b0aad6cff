import { auditLine, micros } from "./audit-event.ts";
import { Random } from "./random.ts";
import { routineRequest, unusualRequest } from "./traffic.ts";

/** When the first event happens: 2026-03-02T08:00:00Z; each next one 5 ms later. */
const start = Date.UTC(2026, 2, 2, 8);
const apart = 5;

/** One event in so many is a request that no routine explains. */
const unusualEvery = 500;

/** Routine repeats itself: so many lines are made once, and each event takes one with an id and times of its own. */
const routines = 8_192;
const auditID = "00000000-0000-4000-a000-000000000000";
const received = "2000-01-01T00:00:00.000000Z";
const staged = "2000-01-01T00:00:01.000000Z";
const marks = new RegExp(`${auditID}|${received}|${staged}`);

const made = new Map<number, string[]>();

/** A line cut at its id and its two times. */
const routine = (number: number, seed: number): readonly string[] => {
  const key = seed * routines + number;
  const known = made.get(key);
  if (known) return known;
  if (made.size >= routines) made.clear();
  const line = auditLine(routineRequest(new Random(seed, -number - 2)), auditID, { received, staged });
  const pieces = line.split(marks);
  made.set(key, pieces);
  return pieces;
};

/** Audit event number `index` of an endless, made-up cluster: one line of JSON, the same for the same index and seed. */
export const auditEvent = (index: number, seed: number): string => {
  const random = new Random(seed, index);
  const id = random.uuid();
  const time = start + index * apart;
  const from = micros(time, random.below(1_000));
  const to = micros(time + 1 + random.below(40), random.below(1_000));
  if (random.below(unusualEvery) === 0) return auditLine(unusualRequest(random), id, { received: from, staged: to });
  const [head, request, between, tail] = routine(random.below(routines), seed);
  return `${head}${id}${request}${from}${between}${to}${tail}`;
};
