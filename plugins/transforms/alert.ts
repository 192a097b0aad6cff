import { defineTransform, fingerprint } from "weir";
import { ruleOption, toAlert } from "weir/detection";

export default defineTransform({
  name: "alert",
  summary: "Turns each event into an alert of a detection rule.",
  options: {
    rule: ruleOption("The rule that the alerts are about: they get its title, severity, MITRE techniques and so on.", {
      examples: ["kubernetes_secret_access_unusual_user_agent"],
    }),
  },
  notes: `This transform applies neither the rule's query nor its window: put a \`filter\` and a \`new_terms\` transform before
it. The id of an alert is made from the rule, the event and the terms, so an event that is processed twice gives the same id.`,
  each: ({ config, deployment }) => toAlert({ rule: config.rule, hash: fingerprint, deployment }),
});
