import { defineTransform, fieldValues, fingerprint, option } from "weir";
import { TimedKeys } from "weir/state";

/** What is known of a key: a bucket of tokens, and what was held back since the last summary. */
interface Bucket {
  /** Tokens times `every`, which is a whole number: in a millisecond as many come back as the limit. */
  readonly level: number;
  /** When it had this level, in milliseconds since 1970. */
  readonly at: number;
  readonly held: number;
  /** When the first of them was held back. */
  readonly since: number;
  /** The values of the key, for the summary. */
  readonly values: readonly (readonly string[])[];
}

/** All numbers have as many digits, so that a known key never needs more room than it has. */
const digits = 16;
const bucketText = ({ level, at, held, since, values }: Bucket): string =>
  JSON.stringify([...[level, at, held, since].map((number) => String(number).padStart(digits, "0")), ...values]);

const bucketOf = (text: string): Bucket => {
  const [level, at, held, since, ...values] = JSON.parse(text) as [
    string,
    string,
    string,
    string,
    ...Bucket["values"][number][],
  ];
  return { level: Number(level), at: Number(at), held: Number(held), since: Number(since), values };
};

/** How much of a value a summary shows, in UTF-16 units, and of how many values. */
const [longest, mostValues] = [1024, 10];

export default defineTransform({
  name: "throttle",
  summary: "Passes at most so many events in a time, by key, and drops the others.",
  options: {
    limit: option.integer("How many events may pass in `every`, on average.", { minimum: 1, examples: [100] }),
    every: option.window("The time that the limit is for.", { default: "1s" }),
    burst: option.optional(
      option.integer("How many events may pass at once after a pause; by default as many as the limit.", {
        minimum: 1,
      }),
    ),
    by: option.list(option.field)(
      "Events with the same values in these fields share a limit; by default all events do.",
      {
        default: [],
        examples: [["user.name"]],
      },
    ),
    summary: option.boolean(
      "Whether to send an event for each key that was held back, after each `every`: `throttle.held_back` is how many, `throttle.values` the values of `by`.",
      { default: false },
    ),
  },
  notes:
    "A bucket of tokens for each key: an event takes one, and they come back at the rate of the limit. Time is when weir received an " +
    "event. What is held back is counted as `throttled`. The buckets survive a crash exactly. When the state is full, " +
    "an event with a new key goes to the dead letter as `state_full`.",
  keep: ({ config: { limit, every, burst = limit, by, summary }, state }) => {
    const keys = new TimedKeys(state);
    const readers = by.map((field) => fieldValues(field));
    const full = burst * every;
    const shown = (values: Bucket["values"]): Bucket["values"] =>
      summary ? values.map((list) => list.slice(0, mostValues).map((value) => value.slice(0, longest))) : [];
    const levelAt = ({ level, at }: Bucket, now: number) => Math.min(full, level + Math.max(0, now - at) * limit);
    /** When the bucket is as good as a new one, or the summary is due. */
    const dueAt = ({ level, at, held, since }: Bucket): number =>
      summary && held > 0 ? since + every : at + Math.ceil((full - level) / limit);
    return {
      event: (event) => {
        const values = readers.map((read) => read(event.data));
        const key = fingerprint(JSON.stringify(values));
        const now = event.meta.ingested;
        const text = keys.get(key);
        const known =
          text === undefined ? { level: full, at: now, held: 0, since: 0, values: shown(values) } : bucketOf(text);
        const level = levelAt(known, now);
        const passes = level >= every;
        const next: Bucket = passes
          ? { ...known, level: level - every, at: now }
          : { ...known, level, at: now, held: known.held + 1, since: known.held === 0 ? now : known.since };
        keys.set(key, bucketText(next), dueAt(next));
        return passes ? event : { dropped: "throttled" };
      },
      tick: ({ now, final, emit }) => {
        keys.tick({ now, final }, (key, text, isFull) => {
          const bucket = bucketOf(text);
          const { held, since, values } = bucket;
          let left = bucket;
          if (summary && held > 0 && (final || since + every <= now)) {
            const end = Math.min(now, since + every);
            const data = {
              "@timestamp": new Date(end).toISOString(),
              event: { kind: "metric" },
              throttle: {
                held_back: held,
                since: new Date(since).toISOString(),
                values: Object.fromEntries(by.map((field, index) => [field, values[index]])),
              },
            };
            if (!emit({ id: `${key} ${since}`, data })) isFull();
            left = { ...bucket, held: 0 };
          }
          const isNew = levelAt(left, now) >= full && (!summary || left.held === 0);
          return isNew ? undefined : { value: bucketText(left), due: dueAt(left) };
        });
      },
    };
  },
});
