import { defineTransform, fieldValues, fingerprint, option } from "weir";
import { TimedKeys } from "weir/state";

export default defineTransform({
  name: "dedupe",
  summary: "Passes the first of several events with the same values, and consumes its repeats.",
  options: {
    fields: option.list(option.field, { minItems: 1 })(
      "Events with the same values in these fields are repeats of each other.",
      {
        examples: [["event.id"]],
      },
    ),
    window: option.window("How long after the first event its repeats are consumed.", { default: "1h" }),
  },
  notes:
    "The window is fixed: it begins with the first event, by the time at which weir received it, and repeats do not prolong it. " +
    "Repeats are counted as `duplicate`. What was seen survives a crash exactly. When the state is full, a new event goes to the " +
    "dead letter as `state_full`. An event without any of the fields always passes.",
  keep: ({ config: { fields, window }, state }) => {
    const keys = new TimedKeys(state);
    const readers = fields.map((field) => fieldValues(field));
    return {
      event: (event) => {
        const values = readers.map((read) => read(event.data));
        if (values.every((list) => list.length === 0)) return event;
        const key = fingerprint(JSON.stringify(values));
        const now = event.meta.ingested;
        if (Number(keys.get(key) ?? Number.NEGATIVE_INFINITY) > now) return "duplicate";
        keys.set(key, String(now + window), now + window);
        return event;
      },
      tick: (tick) =>
        keys.tick(tick, (_, value) => {
          // The key may have begun another window before this tick.
          const until = Number(value);
          return until > tick.now ? { value, due: until } : undefined;
        }),
    };
  },
});
