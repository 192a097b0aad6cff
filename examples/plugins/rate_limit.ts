import { defineTransform, fieldValues, option } from "weir";

export default defineTransform({
  name: "rate_limit",
  summary: "Passes at most one event with the same value in a period of time.",
  options: {
    by: option.field("The field by whose values events are throttled.", { examples: ["user.name"] }),
    every: option.duration("How long further events with the same value are consumed.", { default: "1h" }),
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
