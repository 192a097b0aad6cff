import { type Data, defineTransform, fieldValues, fingerprint, option } from "weir";
import { parseJson } from "weir/fields";
import { compileKql } from "weir/kql";
import { TimedKeys } from "weir/state";
import { mergeBy, strategies } from "./merge.ts";

/** The events of a key so far. */
interface Open {
  /** The id of the first event. */
  readonly first: string;
  readonly count: number;
  /** The times of the first and of the last event, in milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly data: Data;
}

export default defineTransform({
  name: "reduce",
  summary: "Merges the events of a key into one, until a condition or a pause.",
  options: {
    by: option.list(option.field)("Events with the same values in these fields are merged.", {
      default: [],
      examples: [["trace.id"]],
    }),
    starts_when: option.optional(option.kql("An event that matches begins a new group; the one before is sent.")),
    ends_when: option.optional(option.kql("An event that matches is the last of its group.")),
    pause: option.window("A group is sent when no event has been added to it for this long.", { default: "30s" }),
    max_events: option.integer("The most events of a group.", { default: 1000, minimum: 1, maximum: 100_000 }),
    max_size: option.bytes("The most JSON that a group may have. An event that does not fit begins a new one.", {
      default: "1MiB",
    }),
    merge: option.map(option.oneOf(...strategies), { title: "a field", pattern: "^[^\\s].*$" })(
      "What becomes of a field that several events have; by default the first value is kept, and objects are merged.",
      { default: {}, examples: [{ message: "concat_newline" }] },
    ),
  },
  notes:
    "A group gives one event when it ends: the merged data, and `reduce.events`, the number of events. Time is when weir received an " +
    "event. Merged events are consumed as `reduced`. Open groups survive a crash exactly, and each is sent once. When the state is full, " +
    "an event that would begin or extend a group goes to the dead letter as `state_full`.",
  keep: ({ config, state }) => {
    const { by, starts_when, ends_when, pause, max_events, max_size, merge } = config;
    const groups = new TimedKeys(state);
    const readers = by.map((field) => fieldValues(field));
    const starts = starts_when === undefined ? undefined : compileKql(starts_when);
    const ends = ends_when === undefined ? undefined : compileKql(ends_when);
    const merging = mergeBy(merge as never);
    const result = (key: string, { first, count, data }: Open) => ({
      id: `${key} ${fingerprint(first)}`,
      data: { ...data, reduce: { events: count } },
    });
    return {
      event: (event, { emit }) => {
        const { ingested, id } = event.meta;
        const key = fingerprint(JSON.stringify(readers.map((read) => read(event.data))));
        const text = groups.get(key);
        let open = text === undefined ? undefined : (parseJson(text) as Open);
        const send = (group: Open) => emit(result(key, group));
        if (open && starts?.(event.data)) {
          send(open);
          open = undefined;
        }
        const alone: Open = { first: id, count: 1, from: ingested, to: ingested, data: event.data };
        let next: Open = open
          ? { ...open, count: open.count + 1, to: Math.max(open.to, ingested), data: merging(open.data, event.data) }
          : alone;
        let stored = JSON.stringify(next);
        if (open && stored.length > max_size) {
          send(open);
          next = alone;
          stored = JSON.stringify(next);
        }
        if (ends?.(event.data) || next.count >= max_events) {
          send(next);
          groups.delete(key);
        } else {
          if (text !== undefined && next.count === 1) groups.delete(key);
          groups.set(key, stored, next.to + pause);
        }
        return "reduced";
      },
      tick: ({ now, final, emit }) =>
        groups.tick({ now, final }, (key, text, isFull) => {
          const open = parseJson(text) as Open;
          if (!final && open.to + pause > now) return { value: text, due: open.to + pause };
          if (!emit(result(key, open))) isFull();
          return undefined;
        }),
    };
  },
});
