import { type Data, defineTransform, fieldValues, fingerprint, type Json, option, RejectError } from "weir";
import { compilePath, Draft, parseMoment, WriteError, type WritePath, writePath } from "weir/fields";
import { OptionError } from "weir/transform";
import { compileAggregate } from "./functions.ts";
import { type Window, Windows } from "./windows.ts";

/** How many windows an event can belong to, and how many groups. */
const [mostOverlaps, mostGroups] = [100, 100];
/** How many values of windows and groups one event may change, and how many it may have read for them. */
const [mostChanges, mostReads] = [10_000, 1_000_000];
const ingestedField = "event.ingested";
/** A clock that is further ahead than this, in milliseconds, is wrong. */
const tolerance = 5 * 60_000;
/** How much of a value of a group is kept, in UTF-16 units. */
const longest = 1024;

export default defineTransform({
  name: "aggregate",
  summary: "Computes values over windows of time, such as counts, sums and percentiles, by key.",
  options: {
    values: option.map(option.compiled("a function such as count or sum(bytes)", compileAggregate), {
      title: "a field",
      pattern: "^[^\\s].*$",
    })(
      "Fields of the result, each with its function: `count`, `count(field)`, `sum`, `min`, `max`, `avg`, `distinct`, `values`, `first`, `last`, or `percentile(field, 95)`.",
      { examples: [{ requests: "count", bytes: "sum(http.response.bytes)" }] },
    ),
    by: option.list(option.field)("Events with the same values in these fields form a group.", {
      default: [],
      examples: [["url.path"]],
    }),
    window: option.window("The length of a window.", { default: "1m" }),
    slide: option.optional(
      option.window("How often a window begins; by default when the one before it ends. It must divide `window`."),
    ),
    timestamp: option.field(
      "The field with the event's time: ISO 8601, in UTC if it names no zone, or milliseconds since 1970. `event.ingested` is when weir received the event: a window then closes at its end.",
      { default: ingestedField },
    ),
    lateness: option.duration(
      "With another `timestamp`: how far behind the latest event an event may be. A window closes when no such event can belong to it any more.",
      { default: "10s" },
    ),
    idle: option.window(
      "With another `timestamp`: windows close, too, when no source has had an event for this long.",
      {
        default: "1m",
      },
    ),
  },
  notes:
    "A window and group give one event when the window closes: `window.start`, `window.end`, the fields of `by` and the results. Windows " +
    "begin at multiples of their length since 1970, in UTC. Open windows survive a crash exactly, and each is sent once. An event " +
    "for a window that is closed is consumed as `late`. A window that begins more than 5 minutes ahead of the clock is sent when no source has events, " +
    "and once more if further events come for it. An array in a field of `by` counts for each of its values. When the " +
    "state is full, an event that needs more room, such as one with a new group, goes to the dead letter as `state_full`.",
  keep: ({ config, state }) => {
    const { values, by, window, slide = window, timestamp, lateness, idle } = config;
    if (window % slide !== 0) throw new OptionError('"slide" must divide "window", as 10s divides 1m', ["slide"]);
    if (window / slide > mostOverlaps)
      throw new OptionError(`an event would be in more than ${mostOverlaps} windows; use a longer slide`, ["slide"]);
    const functions = Object.entries(values).map(([field, aggregate]) => ({ path: writePath(field), aggregate }));
    const windows = new Windows(
      state,
      functions.some(({ aggregate }) => aggregate.valuesOf !== undefined),
    );
    const groupsOf = groupsBy(by);
    const paths = by.map(writePath);
    const timeOf = timestamp === ingestedField ? undefined : eventTime(timestamp);

    const add = (end: number, group: readonly (string | null)[], data: Data): void => {
      const id = Windows.idOf(end, group);
      const before = windows.get(id) ?? { end, group, memories: functions.map(({ aggregate }) => aggregate.empty) };
      const memories = functions.map(({ aggregate }, index): Json => {
        const memory = before.memories[index]!;
        if (!aggregate.valuesOf) return aggregate.add(memory, data);
        return (memory as number) + aggregate.valuesOf(data).filter((value) => windows.isNew(id, index, value)).length;
      });
      windows.set(id, { end, group, memories });
    };

    const resultOf = ({ end, group, memories }: Window): Data => {
      const draft = new Draft({
        "@timestamp": new Date(end).toISOString(),
        window: { start: new Date(end - window).toISOString(), end: new Date(end).toISOString() },
      });
      // Both "a" and "a.b" can have a value in an event, and then they are members beside each other.
      const blocked: [string, unknown][] = [];
      const set = (path: WritePath, value: unknown) => {
        try {
          draft.set(path, value);
        } catch (error) {
          if (!(error instanceof WriteError)) throw error;
          blocked.push([path.text, value]);
        }
      };
      for (const [index, path] of paths.entries()) if (group[index] !== null) set(path, group[index]);
      for (const [index, { path, aggregate }] of functions.entries()) {
        const result = aggregate.result(memories[index]!);
        if (result !== undefined) set(path, result);
      }
      return blocked.length === 0 ? draft.data : { ...draft.data, ...Object.fromEntries(blocked) };
    };

    return {
      event: (event, { mark, note }) => {
        const { ingested } = event.meta;
        const time = timeOf ? timeOf(event.data) : ingested;
        const closed = timeOf ? windows.highest - lateness : mark;
        const first = (Math.floor(time / slide) + 1) * slide;
        const ends = Array.from({ length: window / slide }, (_, index) => first + index * slide).filter(
          (end) => end > closed,
        );
        // The clock of a sender that is ahead must not close the windows of the others.
        const known = Math.min(time, ingested);
        if (timeOf && known > windows.highest) {
          // A window ends between the two watermarks: a tick closes it.
          if (Math.floor((known - lateness) / slide) > Math.floor(closed / slide)) state.wake(ingested);
          windows.highest = known;
        }
        if (ends.length < window / slide) note("late");
        if (ends.length === 0) return "late";
        const groups = groupsOf(event.data);
        const perGroup = functions.reduce(
          (sum, { aggregate }) => sum + (aggregate.valuesOf?.(event.data).length ?? 1),
          0,
        );
        if (groups.length * ends.length * perGroup > mostChanges)
          throw new RejectError(
            "too_many_values",
            `the event would change more than ${mostChanges} values of ${ends.length} windows and ${groups.length} groups`,
          );
        const places = groups.length * ends.length;
        const read =
          places === 1 ? 0 : functions.reduce((sum, { aggregate }) => sum + (aggregate.sizeOf?.(event.data) ?? 1), 0);
        if (places * read > mostReads)
          throw new RejectError(
            "too_many_values",
            `the event has ${read} values, each for ${ends.length} windows and ${groups.length} groups; at most ${mostReads} are read`,
          );
        for (const group of groups) for (const end of ends) add(end, group, event.data);
        state.wake(timeOf ? ingested + idle : ends[0]!);
        return "aggregated";
      },
      tick: ({ now, final, idle: pause, emit }) => {
        const isOver = final || (timeOf !== undefined && pause >= idle);
        const limit = timeOf ? windows.highest - lateness : now;
        for (const [id, open] of windows.first()) {
          const { end } = open;
          if (end > limit && !isOver) {
            state.wake(timeOf ? now + Math.max(1, idle - pause) : end);
            return;
          }
          windows.delete(id);
          // A window of a clock that is far ahead is no reason to close those of the others. It may begin again.
          const isAhead = timeOf !== undefined && end - window > now + tolerance;
          if (timeOf && end > limit && !isAhead) windows.highest = Math.max(windows.highest, end + lateness);
          if (!emit({ id: isAhead ? `${id} ${now}` : id, data: resultOf(open) })) return;
        }
      },
    };
  },
});

/** The groups that an event belongs to: for several values in a field, each of them. */
const groupsBy = (by: readonly string[]): ((data: Data) => readonly (readonly (string | null)[])[]) => {
  const readers = by.map((field) => fieldValues(field));
  return (data) => {
    let groups: (string | null)[][] = [[]];
    for (const read of readers) {
      const found = read(data);
      const count = groups.length * Math.max(1, found.length);
      if (count > mostGroups)
        throw new RejectError(
          "too_many_values",
          `the event has more than ${mostGroups} combinations of values in ${by.join(", ")}`,
        );
      const values = found.length === 0 ? [null] : found.map(shortened);
      groups = groups.flatMap((group) => values.map((value) => [...group, value]));
    }
    return groups;
  };
};

/** A long value stays distinct from others that begin like it. */
const shortened = (value: string): string =>
  value.length > longest ? `${value.slice(0, longest)}… ${fingerprint(value)}` : value;

/** The times for which there are windows: from 1970 to the end of the year 9999. */
const latest = 253_402_300_799_999;

const eventTime = (field: string): ((data: Data) => number) => {
  const path = compilePath(field);
  return (data) => {
    const value = path.values(data)[0];
    const time = typeof value === "number" ? value : value === undefined ? undefined : parseMoment(String(value))?.at;
    if (time === undefined || !(time >= 0 && time <= latest))
      throw new RejectError(
        "no_timestamp",
        value === undefined
          ? `the event has no "${field}"`
          : `"${field}" is "${String(value).slice(0, 80)}", which is no time`,
      );
    return Math.floor(time);
  };
};
