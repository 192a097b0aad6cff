import { kind, type Options, option } from "../option/option.ts";

const name = kind<string>("text", { title: "a name", type: "string", minLength: 1 });

/** The options at the top of a pipeline, which are about all of its components. */
export const sharedOptions = {
  data_dir: option.optional(
    option.path(
      "The directory for checkpoints, state and outboxes, relative to the working directory. `--data-dir` of `weir run` counts more.",
      { examples: ["/var/lib/weir"] },
    ),
  ),
  labels: option.optional(
    option.map(name, { title: "a letter, then letters, digits, _ and -", pattern: "^[A-Za-z][A-Za-z0-9_-]*$" })(
      "Labels that every event gets under `labels` at its source. They replace labels of the event with the same names; its other labels stay.",
      { examples: [{ site: "paris" }] },
    ),
  ),
  host: option.optional(
    name("The name of the machine, for `host.name`. By default, it is the one that the system has.", {
      examples: ["${env:NODE_NAME}"],
    }),
  ),
  cluster: option.optional(
    name(
      "The name of the cluster, for `orchestrator.cluster.name` of alerts and of audit events that do not name it.",
      {
        examples: ["production"],
      },
    ),
  ),
} satisfies Options;
