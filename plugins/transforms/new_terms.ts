import { defineTransform, fingerprint, option } from "weir";
import { askAhead, checkLearning, learningOptions, learningStep, newTerms, sharedNewTerms } from "weir/detection";
import { openSharedHistory, packagesForState, sharedStateOption } from "weir/shared-history";

export default defineTransform({
  name: "new_terms",
  summary: "Passes events with a combination of field values that was not seen in the window before.",
  learns: ({ state }) => state.type === "disk",
  packagesFor: ({ state }) => packagesForState(state),
  options: {
    fields: option.list(option.field, { minItems: 1, maxItems: 3 })("The fields whose values form a combination.", {
      examples: [["source.ip", "user.name", "user_agent.original"]],
    }),
    window: option.window("How far back a combination counts as known.", { default: "7d" }),
    lateness: option.optional(
      option.duration("How late an event can be and still be judged exactly; by default as long as the window."),
    ),
    timestamp: option.field(
      "The field with the event's time, by which the window is measured. `event.ingested` is when weir received the event.",
      { default: "event.ingested" },
    ),
    ...learningOptions,
    state: sharedStateOption,
  },
  notes: `Every event that this transform receives becomes part of the history, so put a \`filter\` before it that keeps only
the relevant ones. An event is sent once for each new combination. Its \`weir.new_terms\` says which of the terms are new by
themselves and when each was last seen; an \`alert\` transform turns this into an alert. An array gives a combination for
each of its values. An event that lacks a value in one of the fields is consumed. A keyword field of ECS has no value
of more than 1,024 characters, as in Elastic. A longer value of another field counts, but the term shows only its beginning
and a fingerprint. The history starts empty, so at first
everything is new: \`baseline\` and \`learn_for\` [keep that quiet](../../learning.md); what would have been sent is consumed as
\`baseline\` or \`learning\`. With a \`state\` of type \`valkey\` or \`kafka\`, several weirs
[share one history](../../many-collectors.md). That needs a package that does not come with weir:
[@redis/client](https://www.npmjs.com/package/@redis/client) (\`npm i @redis/client@6\`) or
[@platformatic/kafka](https://www.npmjs.com/package/@platformatic/kafka) (\`npm i @platformatic/kafka@2\`).`,
  keep: ({ id, config, state, ...host }) => {
    const options = { id, ...config, state, hash: fingerprint };
    const shared = openSharedHistory(config.state, host);
    if (!shared) return learningStep({ ...options, log: host.log }, newTerms(options));
    checkLearning(config);
    const { event, ask } = sharedNewTerms({ ...options, owner: [id], history: shared.history });
    return { event, ahead: askAhead(shared.history, [ask]), prepare: () => shared.prepare() };
  },
});
