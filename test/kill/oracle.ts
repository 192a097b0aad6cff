import { alertText } from "./alerts.ts";
import type { ObservedEvent } from "./observed.ts";

/** A new-terms rule as the oracle knows it: over which time, how far back. */
export interface OracleRule {
  readonly title: string;
  readonly at: (event: ObservedEvent) => number;
  readonly window: number;
}

/** More combinations than this of one event make one alert together. */
const cap = 100;

/** What must alert: one event after the other, plain loops, all in memory. */
export const oracleAlerts = (events: readonly ObservedEvent[], rule: OracleRule): Set<string> => {
  const sightings = new Map<string, number[]>();
  const isNew = (key: string, at: number) =>
    // From the newest back, since that is the one that mostly answers.
    sightings.get(key)?.findLast((seen) => seen <= at && at - seen <= rule.window) === undefined;
  const alerts = new Set<string>();
  for (const event of events) {
    const { addresses, user, agent } = event;
    if (agent === undefined || !isSecretRead(event)) continue;
    const at = rule.at(event);
    const keys = new Set<string>();
    for (const address of addresses.slice(0, cap)) {
      const terms = [address, user, agent];
      const combination = JSON.stringify(terms);
      const single = terms.map((value, field) => `${field} ${value}`);
      for (const key of [combination, ...single]) keys.add(key);
      if (isNew(combination, at))
        alerts.add(
          alertText(
            rule.title,
            event.auditID,
            terms.map((value, field) => [value, isNew(single[field]!, at)]),
          ),
        );
    }
    if (addresses.length > cap) {
      const all = JSON.stringify([addresses, user, agent]);
      if (isNew(all, at)) alerts.add(alertText(rule.title, event.auditID, []));
      keys.add(all);
    }
    for (const key of keys) {
      const seen = sightings.get(key);
      if (seen) seen.push(at);
      else sightings.set(key, [at]);
    }
  }
  return alerts;
};

const isSecretRead = ({ resource, verb, agent }: ObservedEvent): boolean =>
  resource === "secrets" && (verb === "get" || verb === "list") && !agent!.endsWith("kubernetes/$Format");
