import { defineTransform, option } from "weir";
import { compileEdits, Draft } from "weir/fields";
import { type KqlOptions, kqlOptionsOf } from "weir/kql";
import { atOption, queryOptions } from "weir/transform";
import { compileSteps, editsOf, type StepConfig } from "./chain.ts";
import { conditionReadsAll } from "./condition.ts";
import { steps } from "./steps.ts";
import { StepTrace } from "./trace.ts";

const choices = Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, step.option]));

const beside = {
  where: option.optional(option.kql("A query: other events pass this step as they are.")),
};

/** Steps for a failure cannot have such steps themselves. */
const last = option.oneOption(choices, {
  ...beside,
  on_failure: option.oneOf("reject", "ignore")("What to do with an event for which the step fails.", {
    default: "reject",
  }),
});

const step = option.oneOption(choices, {
  ...beside,
  on_failure: option.wordOrList(["reject", "ignore"], last)(
    "What to do with an event for which the step fails: `reject` sends it to the dead letter, `ignore` goes on with the next step, and a list of steps is run before that.",
    { default: "reject" },
  ),
});

/** What is in steps that read an event as a whole: templates and expressions, and JSON that is added to it. */
const readsAll = /"cel":|\{\{|"add_to_root":true/;

const conditionsReadAll = (steps: readonly StepConfig[], queries: KqlOptions): boolean =>
  steps.some(
    ({ where, on_failure }) =>
      (where !== undefined && conditionReadsAll(where, queries)) ||
      (typeof on_failure === "object" && conditionsReadAll(on_failure, queries)),
  );

export default defineTransform({
  name: "remap",
  summary: "Changes events by a list of steps, such as grok, rename, convert and date.",
  options: {
    steps: option.list(step, { minItems: 1, maxItems: 1000 })("What to do with each event, in this order.", {
      examples: [[{ rename: { clientip: "source.ip" } }]],
    }),
    ...queryOptions,
  },
  notes:
    "A step has one name, such as `grok`, with its options, and beside it `where` and `on_failure`. Steps that Elasticsearch's " +
    "ingest pipelines have, too, do the same here. A field is found whether its dots are nesting or part of a key; what is missing is " +
    "added as nested objects. An event for which a step fails goes to the dead letter, unless `on_failure` says otherwise: " +
    "nothing vanishes.",
  readsParts: (config) =>
    !readsAll.test(JSON.stringify(config.steps)) &&
    !conditionsReadAll(config.steps as readonly StepConfig[], kqlOptionsOf(config)),
  each: ({ config }) => {
    const list = config.steps as readonly StepConfig[];
    const run = atOption(["steps"], () => compileSteps(list, kqlOptionsOf(config)));
    const edits = editsOf(list);
    const edit = edits && compileEdits(edits);
    return (event, { trace }) => {
      const edited = trace ? undefined : edit?.(event);
      if (edited) return edited;
      const draft = Draft.of(event);
      const end = run(draft, { ingested: event.meta.ingested, trace: trace && new StepTrace(trace) });
      if (end === undefined) return draft.event;
      if ("dropped" in end) return { dropped: end.dropped };
      if ("rejected" in end) return { rejected: [{ event, ...end.rejected }] };
      throw new Error(end.failed);
    };
  },
});
