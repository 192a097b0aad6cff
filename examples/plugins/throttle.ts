import { defineTransform, fieldValues, flatMapEvents, option } from "weir";

export default defineTransform({
  name: "throttle",
  summary: "Lets an event through when none with the same value came through in the time before.",
  stateful: true,
  options: {
    by: option.field("The field whose values are told apart.", { examples: ["user.name"] }),
    every: option.duration("How long a value keeps its next events back.", { default: "1h" }),
  },
  create: ({ config, state }) => {
    const valuesOf = fieldValues(config.by);
    return flatMapEvents((event, batch) => {
      const now = event.meta.ingested;
      const key = JSON.stringify(valuesOf(event.data));
      if (Number(state.get(key) ?? 0) > now) return "throttled";
      const until = now + config.every;
      state.set(batch, key, String(until), until);
      state.sweep(batch, now);
      return event;
    });
  },
});
