import { defineTransform, fieldValues, option, withData } from "weir";

export const first_entry = defineTransform({
  name: "first_entry",
  summary: "Passes the first event of each badge, with its number among them.",
  options: { badge: option.field("The field with the badge.", { default: "badge" }) },
  keep: ({ config, state }) => {
    const badgesOf = fieldValues(config.badge);
    return (event) => {
      const badge = `badge ${badgesOf(event.data)[0]}`;
      if (state.get(badge)) return "known";
      const entry = Number(state.get("entries") ?? 0) + 1;
      state.set("entries", String(entry));
      state.set(badge, String(entry));
      return withData(event, { ...event.data, entry });
    };
  },
});
