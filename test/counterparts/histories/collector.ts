import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipelineFile } from "../../end-to-end/weir.ts";
import { Node } from "./node.ts";

/** A weir that reads a log of its own, and shares a history with others. */
export class Collector extends Node {
  readonly #log: string;

  constructor(folder: string, name: string, state: object) {
    const log = join(folder, `${name}.log`);
    const alerts = join(folder, `${name}.ndjson`);
    writeFileSync(log, "");
    const pipeline = {
      sources: { audit: { type: "file", include: [log] } },
      transforms: {
        ecs: { type: "kubernetes_audit", inputs: ["audit"] },
        detect: {
          type: "detection",
          inputs: ["ecs"],
          rules: ["kubernetes_secret_access_unusual_user_agent"],
          timestamp: "kubernetes.audit.stageTimestamp",
          state,
        },
      },
      sinks: { alerts: { type: "file", inputs: ["detect"], path: alerts } },
    };
    super({ pipeline: pipelineFile(folder, pipeline, `${name}.yaml`), dataDir: join(folder, name), alerts });
    this.#log = log;
  }

  write(...lines: readonly string[]): void {
    appendFileSync(this.#log, lines.map((line) => `${line}\n`).join(""));
  }
}
