import { defineSource, type Option, option } from "weir";
// biome-ignore lint/style/noRestrictedImports: this is the source `file` with other options.
import { readFiles } from "../file/read-files.ts";
import { logGlobs } from "./log-paths.ts";
import { metadataOption } from "./metadata-options.ts";
import { readWithPods } from "./read-with-pods.ts";

const name = "[a-z0-9.*?-]+";

const names = (
  description: string,
  { title, pattern } = { title: "a name", pattern: `^${name}$` },
): Option<readonly string[] | undefined> =>
  option.optional(
    option.list(
      (what): Option<string> => ({
        ...option.text(what),
        title: `${title}, in which * stands for any characters and ? for one`,
        pattern,
      }),
    )(description),
  );

export default defineSource({
  name: "kubernetes_logs",
  summary: "Reads the container logs of a node, and adds namespace, pod, container and, on request, labels.",
  options: {
    directory: option.path(
      "The kubelet's log folder. In a pod, mount it from the node, read-only. If its name is not `pods`, events have no `kubernetes.*` fields from paths.",
      {
        default: "/var/log/pods",
      },
    ),
    namespaces: names("Reads only pods in these namespaces."),
    exclude_namespaces: names("Skips pods in these namespaces."),
    pods: names("Reads only pods with these names."),
    exclude_pods: names(
      "Skips pods with these names. Anybody who may create pods can use a name, so give the namespace, too.",
      {
        title: "a name or `NAMESPACE/NAME`",
        pattern: `^(${name}/)?${name}$`,
      },
    ),
    containers: names("Reads only containers with these names."),
    exclude_containers: names("Skips containers with these names."),
    read_from: option.oneOf("beginning", "end")(
      "Where to start in files that exist on the first run. Later files are always read from the beginning.",
      { default: "beginning" },
    ),
    max_open_files: option.optional(
      option.integer("Maximum number of open files; see the source `file`.", { minimum: 1 }),
    ),
    poll_interval: option.window("How often to look for changes that the operating system does not report.", {
      default: "1s",
    }),
    metadata: metadataOption,
  },
  notes: `
\`\`\`yaml
sources:
  pods:
    type: kubernetes_logs
    exclude_namespaces: [kube-system]
    multiline: { continue: '^\\s|^Caused by:' }
\`\`\`

This is the source [file](file.md) with the codec [cri](../codecs/cri.md), for the files that the kubelet keeps for each container:
\`NAMESPACE_POD_UID/CONTAINER/0.log\`. The page of \`file\` explains how weir handles rotation, container restarts and deleted pods. Lines
that the container runtime split are joined again. If the kubelet rotates the file in the middle of such a line, its two parts become two events.

| field | from |
| --- | --- |
| \`message\`, \`stream\`, \`@timestamp\` | the line: its text, where it was written (\`stdout\` or \`stderr\`), and when |
| \`kubernetes.namespace\`, \`kubernetes.pod.name\`, \`kubernetes.pod.uid\`, \`kubernetes.container.name\` | the file's path |
| \`log.file.path\`, \`log.offset\`, \`host.name\` | the file and the node |

\`namespaces\` and the options like it keep weir from reading a file at all. A filter such as \`where: 'kubernetes.namespace:shop'\` runs
after weir has read it.

**Labels and other metadata** of pods come from the Kubernetes API server, with \`metadata\`:

\`\`\`yaml
sources:
  pods:
    type: kubernetes_logs
    metadata: { node: "\${env:NODE_NAME}", labels: [app, "app.kubernetes.io/*"] }
\`\`\`

| field | what it is |
| --- | --- |
| \`kubernetes.labels.*\` | the labels that \`labels\` selects, by default all |
| \`kubernetes.annotations.*\` | the annotations that \`annotations\` selects, by default none |
| \`kubernetes.node.name\`, \`kubernetes.pod.ip\` | where the pod runs |
| \`kubernetes.deployment.name\`, \`….replicaset.name\`, \`….statefulset.name\`, \`….daemonset.name\`, \`….job.name\` | what controls the pod |
| \`container.image.name\`, \`container.id\`, \`container.runtime\` | the container; the last two once the kubelet has reported them |

These are the fields of Elastic's \`add_kubernetes_metadata\`. In names of labels and annotations, each dot becomes \`_\`:
\`app.kubernetes.io/name\` is \`kubernetes.labels.app_kubernetes_io/name\`. An event has the labels that its pod had when weir read the line. Event ids do
not depend on labels.

In a pod, weir finds the API server by itself, and uses the token and the certificates of its service account, which needs the verbs \`list\` and
\`watch\` for pods. The Helm chart (\`podLogs\`) and \`deploy/kustomize/pod-logs\` have the ClusterRole, and set \`NODE_NAME\`. Elsewhere, set
\`server\`, \`token_file\` and \`tls.ca\`. weir lists the pods of the node once, and then watches them. Tokens and certificates are read again from
their files.

weir holds back the files of an unknown pod for up to \`wait\`, and no others. Usually these are only the files that exist at the start, until
the first answer. After that, it reads them without labels, and adds labels as soon as it knows the pod. If the API server is away, pods that weir knows
keep their labels. weir remembers deleted pods for at least an hour, unless there are more than 1,000, and of each pod up to 16 KiB of labels and annotations.

The metric \`weir_component_refusals_total\` counts, by \`reason\`: pods that were not known in time (\`unknown_pod\`), pods with too many labels
(\`metadata_too_large\`), pods above 5,000 (\`too_many_pods\`), and failed requests: \`no_answer\`, \`no_token\`, \`no_certificate\`, \`not_readable\`, or
the status, such as \`http_403\`. weir tries again without end, after growing waits (\`backoff\`).

If weir runs in a pod and prints events to its own log, exclude that pod with \`exclude_pods: ["NAMESPACE/NAME-*"]\`. Otherwise it reads the events that it printed, and
prints them again.
`,
  decoding: { codec: "cri" },
  read: ({ config, ...context }) => {
    const { directory, read_from, max_open_files, poll_interval, metadata, ...chosen } = config;
    const files = {
      ...context,
      config: {
        ...logGlobs(directory, chosen),
        follow: true,
        order: "time" as const,
        read_from,
        poll_interval,
        ...(max_open_files !== undefined && { max_open_files }),
      },
    };
    return metadata === undefined ? readFiles(files) : readWithPods(files, metadata);
  },
});
