import { defineSource, type Option, option } from "weir";
// biome-ignore lint/style/noRestrictedImports: this is the source file, with options of its own.
import { readFiles } from "../file/read-files.ts";
import { logGlobs } from "./log-globs.ts";

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
  summary: "Reads the logs of the containers on a node, with namespace, pod and container.",
  options: {
    directory: option.path(
      "The folder of the kubelet. In a pod, it is mounted from the node, read-only. If its name is not `pods`, events lack the fields of Kubernetes.",
      {
        default: "/var/log/pods",
      },
    ),
    namespaces: names("Only pods of these namespaces."),
    exclude_namespaces: names("No pods of these namespaces."),
    pods: names("Only pods with these names."),
    exclude_pods: names("No pods with these names."),
    containers: names("Only containers with these names."),
    exclude_containers: names("No containers with these names."),
    read_from: option.oneOf("beginning", "end")(
      "Where to start in files that exist at the very first start. Later files are read from the beginning.",
      { default: "beginning" },
    ),
    max_open_files: option.optional(
      option.integer("How many files to keep open; see the source `file`.", { minimum: 1 }),
    ),
    poll_interval: option.window("How often to look for changes that the operating system does not report.", {
      default: "1s",
    }),
  },
  notes: `
\`\`\`yaml
sources:
  pods:
    type: kubernetes_logs
    exclude_namespaces: [kube-system]
    multiline: { continue: '^\\s|^Caused by:' }
\`\`\`

This is the source [file](file.md) with the codec [cri](../codecs/cri.md), on the files that the kubelet keeps of each container:
\`NAMESPACE_POD_UID/CONTAINER/0.log\`. Rotation, restarts of containers and what happens when pods are deleted are as that page says.
Lines that the runtime has cut are whole again.

| field | from |
| --- | --- |
| \`message\`, \`stream\`, \`@timestamp\` | the line: what was written, where (\`stdout\`, \`stderr\`) and when |
| \`kubernetes.namespace\`, \`kubernetes.pod.name\`, \`kubernetes.pod.uid\`, \`kubernetes.container.name\` | the path of the file |
| \`log.file.path\`, \`log.offset\`, \`host.name\` | the file and the node |

A query such as \`where: 'kubernetes.namespace:shop'\` comes after the events are read; \`namespaces\` and the other options keep files
from being read at all. Labels of pods are not in these files.

A weir that runs as a pod reads its own log, too. Leave it out with \`exclude_pods\` if it prints events, or they go round in a circle.
`,
  decoding: { codec: "cri" },
  read: ({ config, ...context }) => {
    const { directory, read_from, max_open_files, poll_interval, ...chosen } = config;
    return readFiles({
      ...context,
      config: {
        ...logGlobs(directory, chosen),
        follow: true,
        order: "time",
        read_from,
        poll_interval,
        ...(max_open_files !== undefined && { max_open_files }),
      },
    });
  },
});
