import { defineTransform, fingerprint, option } from "weir";
import {
  detect,
  exceptionFilesOption,
  exceptionsOption,
  learningOptions,
  looksForNew,
  overridesOption,
  rulesOption,
} from "weir/detection";
import { openSharedHistory, packagesForState, sharedStateOption } from "weir/shared-history";
import { indicatorsOption, openIndicators } from "weir/tables";
import { defaultFieldsOption, fieldTypesOption } from "weir/transform";

export default defineTransform({
  name: "detection",
  summary: "Runs detection rules: events in, alerts out.",
  learns: (config) => config.state.type === "disk" && looksForNew(config),
  packagesFor: ({ state }) => packagesForState(state),
  options: {
    rules: rulesOption(
      "The rules to run: by name, or from files of weir (YAML) and of Elastic (TOML) by path, folder or glob.",
      { examples: [["kubernetes_secret_access_unusual_user_agent"]] },
    ),
    timestamp: option.optional(
      option.field("The field with the event's time. It overrides the one that each rule names.", {
        examples: ["kubernetes.audit.stageTimestamp"],
      }),
    ),
    exceptions: exceptionsOption("Harmless events that rules do not see: they raise no alert and become no history.", {
      default: [],
    }),
    exception_files: exceptionFilesOption(
      "Files with further exceptions: YAML with `exceptions`, or what Kibana exports (`.ndjson`).",
      {
        default: [],
      },
    ),
    overrides: option.optional(
      overridesOption("Changes to rules, by name, id or tag, where `*` stands for any text. Later ones win."),
    ),
    indicators: indicatorsOption(
      "Files and URLs with the indicators that rules of type threat_match compare events with.",
      {
        default: [],
        examples: [[{ file: "indicators.ndjson" }]],
      },
    ),
    fields: option.optional(
      fieldTypesOption(
        "Types of fields, as in a mapping of Elasticsearch, in place of those that ECS and Elastic's Kubernetes integration give them.",
        { examples: [{ "kubernetes.audit.user.groups": "keyword" }] },
      ),
    ),
    default_fields: option.optional(
      defaultFieldsOption("Fields to search for a text in a rule's query that names no field.", {
        examples: [["message"]],
      }),
    ),
    ...learningOptions,
    state: sharedStateOption,
  },
  notes: `Each event gives one alert for each rule and new combination; events without an alert are consumed. An event that fits an exception is consumed as
\`excepted\`, and counted for each exception. A rule's history
belongs to its query, its fields and its time axis: if you change one of them, the history starts again from empty. With \`baseline\`
or \`learn_for\` it [learns first](../../learning.md): events that would have alerted are consumed as \`baseline\` or \`learning\`.
With a \`state\` of type \`valkey\` or \`kafka\`, several weirs
[share one history](../../many-collectors.md). That needs a package that does not come with weir:
[@redis/client](https://www.npmjs.com/package/@redis/client) (\`npm i @redis/client@6\`) or
[@platformatic/kafka](https://www.npmjs.com/package/@platformatic/kafka) (\`npm i @platformatic/kafka@2\`).`,
  keep: ({ id, config, state, deployment, ...host }) => {
    const indicators = openIndicators(config.indicators, host);
    const shared = openSharedHistory(config.state, host);
    const preparing = [indicators, shared].flatMap((each) => each?.prepare ?? []);
    const given = { indicators: indicators.sources, shared: shared?.history };
    const { log } = host;
    return {
      ...detect({ ...config, ...given, id, state, log, hash: fingerprint, deployment }),
      ...(preparing.length > 0 && {
        prepare: async () => void (await Promise.all(preparing.map((prepare) => prepare()))),
      }),
    };
  },
});
