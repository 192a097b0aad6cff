import { suppressionOption } from "../detection/limits/options.ts";
import { profilesOption } from "../detection/overrides/profiles.ts";
import type { RuleTestStep } from "../detection/rule.ts";
import type { RuleType } from "../detection/rule-type.ts";
import { languageOf } from "../detection/rule-types.ts";
import { severityOption } from "../detection/severity-option.ts";
import { type Option, type Options, option, schemaFor, schemaOf } from "../option/option.ts";
import { formed, uuid } from "./common-options.ts";

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

/** The tests of a rule; the type defines how they write alerts. */
const testsOf = (type: RuleType) => {
  const { testAlert, testOptions } = type;
  const test = option.group({
    name: option.text("What the test is about."),
    ...testOptions,
    ...languageOf(type).testOptions,
    events: option.list(stepOf(testAlert), { minItems: 1 })(
      "What happens, in order: events, `advance`, `restart` and `crash`, with the alerts that the rule must raise.",
    ),
  });
  return option.list(test)("Timelines that test the rule.", { default: [] });
};

const stepOf = ({ option: alert }: RuleType["testAlert"]) => {
  const schema = schemaOf({
    at: option.optional(
      option.duration("Time since the start of the test: the clock is advanced to it first. By default at once."),
    ),
    advance: option.optional(option.window("How much time passes."), { excludes: ["at", "event"] }),
    event: option.optional(map("The event's data.")),
    alerts: option.optional(
      option.list(alert)("The alerts that must have been raised since the last step with `alerts`, in order."),
    ),
  });
  const title = "an event with at and alerts, a map with advance, or one of the words restart and crash";
  return (description: string): Option<RuleTestStep> =>
    schemaFor({
      ...schema,
      title,
      type: ["string", "object"],
      pattern: "^(?:restart|crash)$",
      kind: "group",
      description,
    });
};

const asked = "What an event must match.";

/** The options of all rules that come before the parts of the types. */
const commonFor = (types: readonly RuleType[]) => ({
  id: uuid("Identifies the rule; it stays the same when the rule is renamed or edited."),
  version: option.integer("Increased with each change of what the rule detects.", { minimum: 1, default: 1 }),
  title: option.text("The display name of the rule."),
  description: option.text("What the rule looks for, and why, in Markdown."),
  type: option.oneOf(...types.map(({ name }) => name))("How events are evaluated."),
  query: option.kql(asked),
});

/** The options of all rules that come after the parts of the types. */
const described = {
  timestamp: option.field("The field with the event's time, by which the window is measured.", {
    default: "event.ingested",
  }),
  severity: severityOption("How severe an alert is."),
  risk_score: option.integer("The severity as a number.", { minimum: 0, maximum: 100 }),
  threat: option.list(threat)("MITRE ATT&CK tactics.", { default: [] }),
  tags: option.list(option.text)("Tags to find the rule by.", { default: [] }),
  categories: option.list(option.text)("Topics, such as Kubernetes.", { default: [] }),
  data_source: option.text("The source of its events.", { default: "" }),
  created: formed(
    "a date such as 2026-03-26",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
  )("The date when the rule was first written."),
  author: option.list(option.text)("The authors.", { default: [] }),
  license: option.text("The licence, as an SPDX id if there is one.", { default: "" }),
  origin: option.optional(
    option.group({ url: option.text("Its URL."), license: option.text("Its licence.") })(
      "The rule that this one is based on, if any.",
    ),
  ),
  references: option.list(option.text)("Links to further reading.", { default: [] }),
  false_positives: option.list(option.text)("Harmless activity that raises the alert.", { default: [] }),
  note: option.text("How to tune the rule and investigate its alerts, in Markdown.", { default: "" }),
  suppression: option.optional(suppressionOption("Which alerts are suppressed because they repeat another one.")),
  profiles: option.optional(profilesOption("Tried sets of changes, which a pipeline can choose by name.")),
} satisfies Options;

/** The parts of all types. Loading a rule checks that it has those of its own type, and no others. */
const partsFor = ({ options }: RuleType, types: readonly RuleType[]): Options => ({
  ...mapOptions(Object.assign({}, ...types.map(({ options }) => options)), foreign),
  ...mapOptions(options, option.optional),
});

const mapOptions = (options: Options, change: (part: Option) => Option): Options =>
  Object.fromEntries(Object.entries(options).map(([name, part]) => [name, change(part)]));

const foreign = ({ default: _, ...part }: Option): Option => option.optional(schemaFor(part));

const known = new WeakMap<readonly RuleType[], ReadonlyMap<unknown, Options>>();

const optionsByType = (types: readonly RuleType[]): ReadonlyMap<unknown, Options> => {
  const optionsOf = (type: RuleType) => ({
    ...commonFor(types),
    query: languageOf(type).option(asked),
    ...partsFor(type, types),
    ...described,
    tests: testsOf(type),
  });
  const made = known.get(types) ?? new Map(types.map((type) => [type.name, optionsOf(type)]));
  known.set(types, made);
  return made;
};

/** The options of a rule file for the type that it names. An unknown type is reported as a problem of the file. */
export const ruleOptions = (type: unknown, types: readonly RuleType[]): Options => {
  const options = optionsByType(types);
  return options.get(type) ?? options.get(types[0]!.name)!;
};

/** The options of rule files for the reference: those of all rules, and the part of each type. */
export const describedOptions = (types: readonly RuleType[]) => ({
  common: { ...commonFor(types), ...described } satisfies Options,
  types: types.map(({ name, options }) => ({ name, options })),
});
