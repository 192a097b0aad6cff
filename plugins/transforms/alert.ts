import { defineTransform, fingerprint } from "weir";
import { ruleOption, toAlert } from "weir/detection";

export default defineTransform({
  name: "alert",
  summary: "Makes an alert of each event, as a detection rule describes it.",
  options: {
    rule: ruleOption("The rule that the alerts speak of: its title, severity, MITRE techniques and so on.", {
      examples: ["kubernetes_secret_access_unusual_user_agent"],
    }),
  },
  notes: `Neither the rule's query nor its window is applied here: a \`filter\` and a \`new_terms\` transform before this one
do that. The alert's id follows from the rule, the event and the terms, so an event that is delivered twice gives one id.`,
  each: ({ config }) => toAlert({ rule: config.rule, hash: fingerprint }),
});
