import { type Option, type Options, option, schemaFor } from "../option/option.ts";

/** Text of a given form, such as a UUID; `title` says which. */
const formed =
  (title: string, pattern: string) =>
  (description: string): Option<string> =>
    schemaFor<string>({ title, type: "string", pattern, description });

const map = (description: string): Option<Readonly<Record<string, unknown>>> =>
  schemaFor({ title: "a map", type: "object", description });

const named = {
  id: option.text("The id in MITRE ATT&CK."),
  name: option.text("The name in MITRE ATT&CK."),
};

const technique = option.group({
  ...named,
  subtechniques: option.list(option.group(named))("Its subtechniques.", { default: [] }),
});

const threat = option.group({
  tactic: option.group(named)("The tactic."),
  techniques: option.list(technique)("The techniques that the rule looks for.", { default: [] }),
});

const step = option.group({
  at: option.duration("Time since the start of the test, on the rule's time axis."),
  event: map("The event's data."),
  alerts: option.list(option.list(option.text))("The combinations that must alert, in order; empty: none."),
});

const test = option.group({
  name: option.text("What the test shows."),
  events: option.list(step, { minItems: 1 })("Events in order, each with what the rule must say to it."),
});

/** What may stand in a rule file. */
export const ruleOptions = {
  id: formed(
    "a UUID",
    "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
  )("Stays when the rule is renamed or edited."),
  version: option.integer("Goes up with each change of meaning.", { minimum: 1, default: 1 }),
  title: option.text("The rule's name for people."),
  description: option.text("What the rule looks for, and why: Markdown."),
  type: option.oneOf("new_terms", "query")("How events are judged."),
  query: option.kql("What an event must match."),
  new_terms: option.optional(
    option.group({
      fields: option.list(option.field, { minItems: 1, maxItems: 3 })("Their values make a combination."),
      window: option.window("How far back a combination counts as known."),
      lateness: option.optional(option.duration("How late an event may be and still be judged exactly.")),
    })("For rules of type new_terms."),
  ),
  timestamp: option.field("The field whose time the window is measured in.", { default: "event.ingested" }),
  severity: option.oneOf("low", "medium", "high", "critical")("How bad it is."),
  risk_score: option.integer("How bad it is, as a number.", { minimum: 0, maximum: 100 }),
  threat: option.list(threat)("MITRE ATT&CK tactics.", { default: [] }),
  tags: option.list(option.text)("Words to find the rule by.", { default: [] }),
  categories: option.list(option.text)("What it is about, such as Kubernetes.", { default: [] }),
  data_source: option.text("Where its events come from.", { default: "" }),
  created: formed("a date such as 2026-03-26", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")("When it was first written."),
  author: option.list(option.text)("Who wrote it.", { default: [] }),
  license: option.text("Its licence, by SPDX id where there is one.", { default: "" }),
  origin: option.optional(
    option.group({ url: option.text("Where it is."), license: option.text("Its licence.") })(
      "The rule that this one follows, if any.",
    ),
  ),
  references: option.list(option.text)("Links.", { default: [] }),
  false_positives: option.list(option.text)("What raises it without harm.", { default: [] }),
  note: option.text("How to tune it, how to look into its alerts: Markdown.", { default: "" }),
  tests: option.list(test)("Timelines that show what it says.", { default: [] }),
} satisfies Options;
