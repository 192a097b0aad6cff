import { defineTransform, fingerprint, option } from "weir";
import { newTerms } from "weir/detection";

export default defineTransform({
  name: "new_terms",
  summary: "Lets an event through when a combination of its fields' values was not seen in the window before.",
  learns: true,
  options: {
    fields: option.list(option.field, { minItems: 1, maxItems: 3 })("The fields whose values make a combination.", {
      examples: [["source.ip", "user.name", "user_agent.original"]],
    }),
    window: option.window("How far back a combination counts as known.", { default: "7d" }),
    lateness: option.optional(
      option.duration("How late an event may be and still be judged exactly; by default as long as the window."),
    ),
    timestamp: option.field(
      "The field with the event's time, for the window. event.ingested is when weir took the event in.",
      { default: "event.ingested" },
    ),
  },
  notes: `Every event that gets here is history for those after it, so put a \`filter\` before it that keeps what counts.
An event goes on once for each new combination, with \`weir.new_terms\` telling which of the terms are new by themselves
and when each was seen last; an \`alert\` transform makes an alert of that. An array gives a combination for each of its
values. An event without a value in every field ends here. The history begins empty: at first everything is new.`,
  keep: ({ id, config, state }) => newTerms({ id, ...config, state, hash: fingerprint }),
});
