import { type CompiledEql, type CompiledEvents, EqlError } from "../../eql/index.ts";
import { withData } from "../../event.ts";
import { ingestionAxis } from "../event-time.ts";
import { tuple } from "../hash.ts";
import type { Detector, DetectorTools } from "../rule-type.ts";
import { withFinding } from "./group.ts";
import type { EqlRule } from "./options.ts";
import { samples } from "./samples.ts";
import { sequences } from "./sequences.ts";
import type { SeveralTools } from "./several.ts";

/** The detector for a query. */
export const detectorOf = (query: CompiledEql, rule: EqlRule, tools: DetectorTools): Detector => {
  const { window, lateness, tiebreaker, category } = rule.correlation;
  const { timestamp, hash } = tools;
  const several: SeveralTools = {
    rule,
    window,
    // By the time of arrival, events come in order.
    lateness: timestamp === ingestionAxis ? 0 : lateness,
    tiebreaker,
    version: hash(tuple([rule.query, category, timestamp])).slice(0, 8),
    tools,
  };
  switch (query.type) {
    case "event":
      return events(query);
    case "sequence":
      return sequences(query, several);
    case "sample":
      return samples(query, several);
  }
};

const events = ({ matches, guard }: CompiledEvents): Detector => ({
  guard,
  event: (event, { note }) => {
    try {
      if (!matches(event.data)) return "filtered";
    } catch (error) {
      if (!(error instanceof EqlError)) throw error;
      note("overflow");
      return "filtered";
    }
    const finding = { eventId: event.meta.id, terms: [], sentences: [], fields: {} };
    return [withData(event, withFinding(event.data, finding))];
  },
});
