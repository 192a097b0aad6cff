import { defineTransform, fieldValues, option } from "weir";

export default defineTransform({
  name: "throttle",
  summary: "Lets an event through when none with the same value came through in the time before.",
  options: {
    by: option.field("The field whose values are told apart.", { examples: ["user.name"] }),
    every: option.duration("How long a value keeps its next events back.", { default: "1h" }),
  },
  keep: ({ config, state }) => {
    const valuesOf = fieldValues(config.by);
    return (event) => {
      const now = event.meta.ingested;
      const key = JSON.stringify(valuesOf(event.data));
      if (Number(state.get(key) ?? 0) > now) return "throttled";
      const until = now + config.every;
      state.set(key, String(until), until);
      state.sweep(now);
      return event;
    };
  },
});
