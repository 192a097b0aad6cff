import { join } from "node:path";
import { pipelineFile } from "../../end-to-end/weir.ts";
import { Node } from "../histories/node.ts";

/** The consumer group of the detectors of a topic. */
export const detectorsOf = (topic: string): string => `${topic}-detectors`;

/** The topic with the history of these detectors. */
export const historyOf = (topic: string): string => `${topic}-history`;

/** A weir that reads audit events from a topic, together with others, and shares a history with them. */
export const detector = (folder: string, name: string, address: string, topic: string, timeout = "6s"): Node => {
  const alerts = join(folder, `${name}.ndjson`);
  const brokers = [address];
  const pipeline = {
    sources: {
      candidates: { type: "kafka", brokers, topics: [topic], group: detectorsOf(topic), session_timeout: timeout },
    },
    transforms: {
      ecs: { type: "kubernetes_audit", inputs: ["candidates"] },
      detect: {
        type: "detection",
        inputs: ["ecs"],
        rules: ["kubernetes_secret_access_unusual_user_agent"],
        timestamp: "kubernetes.audit.stageTimestamp",
        state: { type: "kafka", brokers, topic: historyOf(topic) },
      },
      short: {
        type: "remap",
        inputs: ["detect"],
        steps: [{ keep: ["kibana.alert.uuid", "kibana.alert.new_terms", "kibana.alert.ancestors"] }],
      },
    },
    sinks: { alerts: { type: "file", inputs: ["short"], path: alerts } },
  };
  return new Node({ pipeline: pipelineFile(folder, pipeline, `${name}.yaml`), dataDir: join(folder, name), alerts });
};
