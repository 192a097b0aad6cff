import { type Event, withData } from "../../event.ts";
import type { Data } from "../../json.ts";
import { durationText } from "../../option/quantity.ts";
import { ingestionAxis, timeText } from "../event-time.ts";
import { type Hash, tuple } from "../hash.ts";
import type { EventTools } from "../rule-type.ts";
import { type Shortened, shorten } from "../shorten.ts";
import type { Candidate } from "./candidates.ts";
import type { Sightings } from "./history.ts";
import type { Look } from "./look.ts";
import { lastSeen, type Observation } from "./observe.ts";
import type { NewTermsOptions } from "./options.ts";
import type { NewTerms } from "./terms.ts";
import { traceCandidates } from "./trace.ts";

/**
 * The most data, in bytes of JSON, in the copies of an event with several new combinations. A client can make a hundred of
 * them with one long header.
 */
const maxBytes = 2 * 1024 * 1024;

const whole = (data: Data): Shortened => ({ data, fields: [] });

/** Makes the events to send of what was observed: a copy of the event for each new combination. */
export const teller =
  ({ fields, window, timestamp = ingestionAxis, hash }: NewTermsOptions) =>
  (
    event: Event,
    { at, oddity, found }: Look,
    { seen, late, full }: Sightings,
    { note, trace }: EventTools,
  ): readonly Event[] | "known" => {
    if (trace) traceCandidates(found, { fields, window, at, seen }, trace);
    if (oddity) note(oddity);
    if (late) note("late");
    if (full) note("state_full");
    if (found.at(-1)?.beyond) note("overflow");
    const news = found.filter(({ key }) => seen.get(key)!.isNew);
    if (news.length === 0) return "known";
    const short = news.length === 1 ? whole(event.data) : shorten(event.data, Math.floor(maxBytes / news.length));
    return news.map((candidate) =>
      tell(event, short.data, describe(candidate, { event, at, timestamp, fields, window, seen, full, short }), hash),
    );
  };

interface Circumstances {
  readonly event: Event;
  readonly at: number;
  readonly timestamp: string;
  readonly fields: readonly string[];
  readonly window: number;
  readonly seen: ReadonlyMap<string, Observation>;
  readonly full: boolean;
  readonly short: Shortened;
}

const describe = ({ key, values, termKeys, beyond }: Candidate, circumstances: Circumstances): NewTerms => {
  const { event, at, timestamp, fields, window, seen, full, short } = circumstances;
  const last = (of: string) => {
    const time = lastSeen(seen.get(of)!, at, window);
    return time === undefined ? {} : { last_seen: timeText(time) };
  };
  return {
    event_id: event.meta.id,
    at: timeText(at),
    timestamp,
    window: durationText(window),
    terms: values.map((value, field) => {
      const termKey = termKeys[field]!;
      return { field: fields[field]!, value, new: seen.get(termKey)!.isNew, ...last(termKey) };
    }),
    ...last(key),
    ...(beyond !== undefined && { beyond }),
    ...(full && { state_full: true as const }),
    ...(short.fields.length > 0 && { shortened: short.fields }),
  };
};

const tell = (event: Event, data: Data, found: NewTerms, hash: Hash): Event => {
  const id = () => hash(tuple(["new_terms", found.event_id, ...found.terms.map(({ value }) => value)]));
  return withData(event, { ...data, weir: { new_terms: found } }, id);
};
