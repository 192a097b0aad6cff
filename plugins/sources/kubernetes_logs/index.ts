import { defineSource, type Option, option } from "weir";
// biome-ignore lint/style/noRestrictedImports: this is the source `file` with other options.
import { readFiles } from "../file/read-files.ts";
import { logGlobs } from "./log-paths.ts";
import { metadataOption } from "./metadata-options.ts";
import { readWithPods } from "./read-with-pods.ts";

const names = (description: string): Option<readonly string[] | undefined> =>
  option.optional(
    option.list(
      (what): Option<string> => ({
        ...option.text(what),
        title: "a name, in which * stands for any characters and ? for one",
        pattern: "^[a-z0-9.*?-]+$",
      }),
    )(description),
  );

export default defineSource({
  name: "kubernetes_logs",
  summary: "Reads the container logs of a node, and adds namespace, pod and container.",
  options: {
    directory: option.path(
      "The kubelet's log folder. In a pod, mount it from the node, read-only. If its name is not `pods`, events have no `kubernetes.*` fields.",
      {
        default: "/var/log/pods",
      },
    ),
    namespaces: names("Reads only pods in these namespaces."),
    exclude_namespaces: names("Skips pods in these namespaces."),
    pods: names("Reads only pods with these names."),
    exclude_pods: names("Skips pods with these names."),
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
after weir has read it. Pod labels are not available, because these files do not contain them.

If weir runs in a pod and prints events to its own log, exclude that pod with \`exclude_pods\`. Otherwise it reads the events that it printed, and
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
