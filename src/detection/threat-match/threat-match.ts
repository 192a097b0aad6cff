import { type Event, withData } from "../../event.ts";
import { mappingsOf } from "../../fields/mappings.ts";
import type { DetectEvent, DetectorTools, EventTools } from "../rule-type.ts";
import { enrichmentsOf, matchedValues, sentencesOf, withEnrichments } from "./enrichment.ts";
import { filterOf } from "./filter.ts";
import { type IndexedIndicators, Matcher, type Seen } from "./matcher.ts";
import type { ThreatMatchRule } from "./options.ts";
import { sourcesFor } from "./sources.ts";
import { traceMatches } from "./trace.ts";

/** What was found in an event, under `weir.threat_match` in the data that it is sent with. */
export interface FoundThreat {
  /** The values that indicators have, too. */
  readonly matched: readonly { readonly field: string; readonly value: string }[];
  readonly sentences: readonly string[];
  /** More indicators may fit than the alert names. */
  readonly more?: true;
}

/** The most indicators that an alert names; as many as in Kibana. */
const mostMatches = 200;

/**
 * Sends on the events that have values of an indicator, with `threat.enrichments`. Others are consumed as `no_indicator`. An
 * event that fits more indicators than an alert names is noted as `overflow`.
 */
export const threatMatch = (
  { threat_match: wanted }: ThreatMatchRule,
  { hash, types: fields, indicators: sources = [] }: Pick<DetectorTools, "hash" | "types" | "indicators">,
): DetectEvent => {
  const matcher = new Matcher(wanted.mapping, mappingsOf({ fields, unlisted: "by_value" }), filterOf(wanted, fields));
  const current = sourcesFor(wanted.index, sources).map((source) =>
    source.derive<IndexedIndicators>((indicators) => matcher.index(indicators)),
  );
  return (event: Event, { note, trace }: EventTools) => {
    const { data, meta } = event;
    const indexed = current.map((get) => get(note));
    const seen: Seen[] = [];
    const look = trace && ((one: Seen) => void seen.push(one));
    const { matches, isCut } = matcher.find(data, indexed, { now: meta.ingested, most: mostMatches, look });
    if (trace) traceMatches(seen, matches.length, trace);
    if (isCut) note("overflow");
    if (matches.length === 0) return "no_indicator";
    const made = enrichmentsOf(matches, { data, matcher, path: wanted.indicator_path, hash });
    if (made.isCut && !isCut) note("overflow");
    const more = isCut || made.isCut;
    const found: FoundThreat = {
      matched: matchedValues(matches),
      sentences: sentencesOf(matches, more),
      ...(more && { more }),
    };
    const enriched = withEnrichments(data, made.enrichments);
    return [withData(event, { ...enriched, weir: { threat_match: found } })];
  };
};
