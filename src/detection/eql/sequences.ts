import type { CompiledSequence } from "../../eql/index.ts";
import { withData } from "../../event.ts";
import type { Data } from "../../json.ts";
import type { TracedStep } from "../../transform/trace.ts";
import { eventTime, ingestionAxis, timeText } from "../event-time.ts";
import { tolerance } from "../new-terms/horizon.ts";
import type { Detector, DetectorTick } from "../rule-type.ts";
import { documentOf } from "./documents.ts";
import { type Group, groupAlerts } from "./group.ts";
import { Machines } from "./machines.ts";
import { Ordering } from "./ordering.ts";
import { roomFor, type SeveralTools, withinLimits } from "./several.ts";

/** How many sequences of a key can wait for events that must be missing after them. */
const mostWaiting = 100;

/**
 * Finds sequences. Events are matched in the order of their times: each is held for the lateness, and matched when a tick
 * says that it is over. Without lateness, an event is matched when it comes. An event that the query asks for is `remembered`
 * if it completes no sequence. The notes `late`, `clamped`, `untimed`, `repeated` (it is held already), `overflow` (too many
 * keys, or sequences that wait) and `state_full` (there was no room for an event or its sequence) count events.
 */
export const sequences = (
  { plan, hits, by, guard }: CompiledSequence,
  { rule, window, lateness, tiebreaker, version, tools: { state, hash, timestamp, alertId } }: SeveralTools,
): Extract<Detector, object> => {
  const maxspan = plan.maxspan ?? window;
  const waits = plan.missing.at(-1)!;
  const machines = new Machines({
    state,
    hash,
    version,
    plan: { ...plan, maxspan },
    by,
    lateness,
    slack: timestamp === ingestionAxis ? 0 : tolerance,
    furthest: timestamp === ingestionAxis ? maxspan + tolerance : Number.POSITIVE_INFINITY,
    mostWaiting,
    room: (keys) => roomFor(plan.missing.length * (waits ? mostWaiting : 1) * keys),
  });
  const ordering = new Ordering({ state: state.scope("held"), hash, lateness, tiebreaker });
  const readTime = eventTime(timestamp);

  const hitsOf = withinLimits(hits);

  const alertsOf = (group: Group): readonly Data[] => groupAlerts(group, { rule: rule.id, alertId });

  const raiser =
    ({ emit }: DetectorTick) =>
    (group: Group): boolean => {
      let hasRoom = true;
      // A group is raised as a whole: the last answer counts.
      const found = Math.max(...group.documents.map(({ at }) => at));
      for (const data of alertsOf(group)) hasRoom = emit({ id: "", data, found });
      return hasRoom;
    };

  return {
    guard,
    event: (event, tools) => {
      const { note, trace } = tools;
      const found = hitsOf(event.data, note);
      if (found.length === 0) return "filtered";
      const { document, oddity } = documentOf(event, readTime, note);
      // The axis may never come to a time that is only a guess.
      if (lateness > 0 && oddity !== "untimed") {
        const isHeld = ordering.hold(document, note);
        if (isHeld)
          trace?.({
            title: "held",
            outcome: `until ${timeText(document.at + lateness)} by ${timestamp}, so that late events are put in order`,
          });
        return "remembered";
      }
      const alerts = different(found.flatMap((hit) => machines.accept(hit, document, tools, found.length))).flatMap(
        alertsOf,
      );
      return alerts.length > 0 ? alerts.map((each) => withData(event, each)) : "remembered";
    },
    tick: (tick) => {
      const { now, final, note, trace } = tick;
      const raise = raiser(tick);
      const hasRoom = ordering.release({ now, final }, (document, taken) => {
        const found = hitsOf(document.data, note);
        const tools = { note, trace: trace && ((step: TracedStep) => trace(document.id, step)) };
        // An event can have many keys, and complete a sequence of each.
        for (let index = taken; index < found.length; index++) {
          const groups = machines.accept(found[index]!, document, tools, found.length);
          if (groups.reduce((room, group) => raise(group) && room, true)) continue;
          return index + 1 < found.length ? index + 1 : false;
        }
        return true;
      });
      if (!hasRoom) return;
      if (final) machines.end(raise);
      else machines.tick(now, raise);
    },
  };
};

/** Each group once: an event that came again may have waited twice for one that is missing. */
const different = (groups: readonly Group[]): readonly Group[] =>
  groups.length < 2
    ? groups
    : [
        ...new Map(
          groups.map((each) => [JSON.stringify([each.documents.map(({ id }) => id), each.keys]), each]),
        ).values(),
      ];
