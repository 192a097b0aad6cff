import { type Config, type Option, option } from "weir";
import { backoffOption, clientTlsOption, urlOption } from "weir/http";

const keys = option.list(
  (what): Option<string> => ({
    ...option.text(what),
    title: "the name of a label or annotation, in which * stands for any characters and ? for one",
    pattern: "^[A-Za-z0-9._/*?-]+$",
  }),
);

const options = {
  node: option.text("Name of the node. In a pod, it comes from the downward API (`spec.nodeName`).", {
    examples: ["${env:NODE_NAME}"],
  }),
  labels: keys("Which labels to add.", { default: ["*"] }),
  annotations: keys("Which annotations to add.", { default: [] }),
  server: option.optional(
    urlOption("URL of the API server. By default, weir uses the API server and the service account of its own pod.", {
      examples: ["https://203.0.113.7:6443"],
    }),
  ),
  token_file: option.optional(
    option.path(
      "File with a bearer token, which is read for each request. By default that of the service account, unless `server` is set.",
    ),
  ),
  tls: clientTlsOption,
  wait: option.window("How long to hold back the lines of an unknown pod. Other pods do not wait for it.", {
    default: "5s",
  }),
  backoff: backoffOption("How long to wait after a failed request.", { initial: "1s", max: "30s" }),
};

export type MetadataConfig = Config<typeof options>;

/** What is added to events about their pods, and where it is from. */
export const metadataOption = option.optional(
  option.group(options)(
    "Adds labels and other metadata of pods, which weir gets from the Kubernetes API server. Without it, weir makes no requests.",
  ),
);
