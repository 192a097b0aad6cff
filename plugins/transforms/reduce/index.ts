import { type Data, defineTransform, fieldValues, fingerprint, option } from "weir";
import { compileKql, kqlOptionsOf } from "weir/kql";
import { OptionError, queryOptions } from "weir/transform";
import { type Group, Groups } from "./groups.ts";
import { mergeBy, strategies } from "./merge.ts";

/** The largest `max_size`, in bytes: a tick can send no more than twice as much. */
const largest = 8 * 1024 * 1024;

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
    max_size: option.bytes(
      "The most JSON that the events of a group may have together, at most 8MiB. An event that does not fit begins a new group.",
      {
        default: "1MiB",
      },
    ),
    merge: option.map(option.oneOf(...strategies), { title: "a field", pattern: "^[^\\s].*$" })(
      "What becomes of a field that several events have; by default the first value is kept, and objects are merged.",
      { default: {}, examples: [{ message: "concat_newline" }] },
    ),
    ...queryOptions,
  },
  notes:
    "A group gives one event when it ends: the merged data, and `reduce.events`, the number of events. Time is when weir received an " +
    "event. Merged events are consumed as `reduced`. Open groups survive a crash exactly, and each is sent once. When the state is full, " +
    "an event that would begin or extend a group goes to the dead letter as `state_full`.",
  keep: ({ config, state }) => {
    const { by, starts_when, ends_when, pause, max_events, max_size, merge } = config;
    if (max_size > largest) throw new OptionError('"max_size" can be 8MiB at most', ["max_size"]);
    const groups = new Groups(state);
    const readers = by.map((field) => fieldValues(field));
    const queries = kqlOptionsOf(config);
    const starts = starts_when === undefined ? undefined : compileKql(starts_when, queries);
    const ends = ends_when === undefined ? undefined : compileKql(ends_when, queries);
    const merging = mergeBy(merge as never);
    const result = (key: string, { first, count, number }: Group, events: readonly Data[]) => ({
      id: `${key} ${fingerprint(first)}${number === undefined ? "" : ` ${number}`}`,
      data: { ...merging(events), reduce: { events: count } },
    });
    return {
      event: ({ data, meta: { id, ingested } }, { emit }) => {
        const key = fingerprint(JSON.stringify(readers.map((read) => read(data))));
        const json = JSON.stringify(data);
        let open = groups.get(key);
        if (open && (starts?.(data, ingested) || open.size + json.length > max_size)) {
          emit(result(key, open, groups.take(key)));
          open = undefined;
        }
        const group: Group = open
          ? { ...open, count: open.count + 1, size: open.size + json.length, to: Math.max(open.to, ingested) }
          : { first: id, count: 1, size: json.length, to: ingested, number: groups.next() };
        if (ends?.(data, ingested) || group.count >= max_events)
          emit(result(key, group, [...(open ? groups.take(key) : []), data]));
        else groups.add(key, group, json, group.to + pause);
        return "reduced";
      },
      tick: ({ now, final, emit }) =>
        groups.tick({ now, final }, (key, group, isFull) => {
          if (!final && group.to + pause > now) return group.to + pause;
          if (!emit(result(key, group, groups.take(key)))) isFull();
          return undefined;
        }),
    };
  },
});
