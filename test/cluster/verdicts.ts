import type { Alert } from "../kill/alerts.ts";
import { alertText, combinationsOf, expectedAlerts } from "./oracle.ts";
import type { RawLog } from "./raw-log.ts";
import type { Post } from "./recording-proxy.ts";

/** How the alerts of one path differ from those that the oracle wants: in a sound run, not at all. */
export interface Verdict {
  readonly wanted: number;
  readonly missed: readonly string[];
  readonly invented: readonly string[];
}

export const textOf = ({ auditID, terms }: Alert): string =>
  alertText(
    auditID,
    terms.map(([value]) => value),
  );

/** A log has one order, so its alerts are known one by one, and come in the order of their events. */
export const judgeLog = ({ events }: RawLog, alerts: readonly Alert[]): Verdict & { readonly isInOrder: boolean } => {
  const wanted = expectedAlerts(events);
  const found = alerts.map(textOf);
  const isInOrder = wanted.every((text, index) => text === found[index]);
  return { wanted: wanted.length, missed: without(wanted, found), invented: without(found, wanted), isInOrder };
};

/** Those of `texts` that are not among `others`, each as often as it is one too many. */
const without = (texts: readonly string[], others: readonly string[]): string[] => {
  const left = new Map<string, number>();
  for (const text of others) left.set(text, (left.get(text) ?? 0) + 1);
  return texts.filter((text) => {
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  });
};

interface Sighting {
  readonly auditID: string;
  readonly started: number;
  readonly accepted: number;
}

/**
 * POSTs overlap, and one that was not accepted may have been processed in part or not at all. So a combination that was
 * accepted alerts exactly once, one that was only sent at most once; and the event that alerts is the combination's first in its
 * POST, which began before any other POST with the combination was accepted.
 */
export const judgePosts = (posts: readonly Post[], alerts: readonly Alert[]): Verdict => {
  const [sightings, keys] = sightingsOf(posts);
  const alerted = new Set<string>();
  const invented: string[] = [];
  for (const alert of alerts) {
    const text = textOf(alert);
    const found = (keys.get(text) ?? []).find((key) => !alerted.has(key) && mayAlert(sightings.get(key)!, alert));
    if (found === undefined) invented.push(text);
    else alerted.add(found);
  }
  const accepted = [...sightings].filter(([, seen]) => seen.some((sighting) => sighting.accepted < Infinity));
  const missed = accepted.map(([key]) => key).filter((key) => !alerted.has(key));
  return { wanted: accepted.length, missed, invented };
};

const mayAlert = (sightings: readonly Sighting[], { auditID }: Alert): boolean => {
  const known = Math.min(...sightings.map(({ accepted }) => accepted));
  return sightings.some((sighting) => sighting.auditID === auditID && sighting.started <= known);
};

/** The sightings of each combination, and the combinations that can alert with a text. */
const sightingsOf = (posts: readonly Post[]): [Map<string, Sighting[]>, Map<string, string[]>] => {
  const sightings = new Map<string, Sighting[]>();
  const keys = new Map<string, string[]>();
  for (const { events, started, accepted = Infinity } of posts) {
    const seen = new Set<string>();
    for (const { auditID, key, terms } of events.flatMap(combinations)) {
      if (seen.has(key)) continue;
      seen.add(key);
      put(sightings, key, { auditID, started, accepted });
      put(keys, alertText(auditID, terms), key);
    }
  }
  return [sightings, keys];
};

const combinations = (event: Post["events"][number]) =>
  combinationsOf(event).map(({ key, terms }) => ({ auditID: event.auditID, key, terms }));

const put = <T>(map: Map<string, T[]>, key: string, value: T): void => {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
};
