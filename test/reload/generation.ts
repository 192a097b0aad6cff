import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipelineFile } from "../end-to-end/weir.ts";

/** One state of the files of a pipeline. Events carry its number, and what was in force with it. */
export interface Generation {
  readonly number: number;
  /** The version of the code of the plugin. */
  readonly code: number;
  /** The rule raises an alert for events of this bucket. */
  readonly bucket: number;
  /** The port of the HTTP server. */
  readonly port: number;
  /** The URL of the receiver; one that is down, now and then. */
  readonly url: string;
  /** Whether there is one more sink. */
  readonly isCopied: boolean;
}

export const buckets = 5;

/** Marks each event with its place in the order of all, from state, and with the generation. */
const markPlugin = (code: number): string => `
import { defineTransform, option, withData } from "weir";
import { code } from "./code.ts";
// ${code}
export const mark = defineTransform({
  name: "mark",
  summary: "Marks events.",
  options: { generation: option.integer("Its number.") },
  keep: ({ config, state }) => (event) => {
    const place = Number(state.get("next") ?? 0);
    state.set("next", String(place + 1));
    return withData(event, { ...event.data, place, generation: config.generation, code });
  },
});
`;

/** Numbers events in memory: its numbers begin again when it is restarted. */
const lifePlugin = `
import { defineTransform, withData } from "weir";
export const life = defineTransform({
  name: "life",
  summary: "Numbers events in memory.",
  options: {},
  each: () => {
    let seen = 0;
    return (event) => withData(event, { ...event.data, pid: process.pid, seen: seen++ });
  },
});
`;

const rule = (bucket: number) => ({
  id: "6f2d7f6e-52a4-4c3e-8f57-1f0a3b7c9d11",
  version: 1,
  title: "Bucket",
  description: "For the reload tests.",
  type: "query",
  query: `bucket:"${bucket}"`,
  severity: "low",
  risk_score: 1,
  created: "2026-07-01",
  license: "Apache-2.0",
});

/** The files of a pipeline in a folder, and what it writes there. */
export class PipelineFiles {
  readonly folder: string;
  readonly pipeline: string;
  readonly dataDir: string;
  readonly stats: string;

  constructor(folder: string) {
    this.folder = folder;
    this.pipeline = this.path("pipeline.yaml");
    this.dataDir = this.path("data");
    this.stats = this.path("stats.json");
    writeFileSync(this.path("life.ts"), lifePlugin);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes all files of a generation. */
  write({ number, code, bucket, port, url, isCopied }: Generation): void {
    writeFileSync(this.path("code.ts"), `export const code = ${code};\n`);
    writeFileSync(this.path("mark.ts"), markPlugin(Math.floor(code / 2)));
    writeFileSync(this.path("rule.yaml"), JSON.stringify(rule(bucket)));
    const file = (input: string, name: string) => ({ type: "file", inputs: [input], path: this.path(name) });
    pipelineFile(this.folder, {
      plugins: ["./mark.ts", "./life.ts"],
      sources: {
        log: { type: "file", include: [this.path("log.ndjson")], codec: "json", poll_interval: "20ms" },
        web: { type: "http_server", listen: `127.0.0.1:${port}` },
        other: { type: "file", include: [this.path("other.ndjson")], codec: "json", poll_interval: "20ms" },
      },
      transforms: {
        mark: { type: "mark", inputs: ["log", "web"], generation: number },
        detect: { type: "detection", inputs: ["mark"], rules: ["./rule.yaml"] },
        life: { type: "life", inputs: ["other"] },
      },
      sinks: {
        marked: file("mark", "marked.ndjson"),
        alerts: file("detect", "alerts.ndjson"),
        remote: {
          type: "http",
          inputs: ["mark"],
          url,
          retry: { initial: "20ms", max: "100ms" },
          buffer: { max_size: "256KiB" },
        },
        ...(isCopied && { copy: file("mark", "copy.ndjson") }),
        lived: file("life", "lived.ndjson"),
      },
    });
  }

  /** Breaks one of the files, in one of several ways. */
  damage(way: number, takenPort: number): "invalid" | "failed" {
    const change = (name: string, from: string | RegExp, to: string) =>
      writeFileSync(this.path(name), readFileSync(this.path(name), "utf8").replace(from, to));
    const ways = [
      () => change("pipeline.yaml", "{", "{ :["),
      () => change("pipeline.yaml", '"type": "mark"', '"type": "mrak"'),
      () => change("rule.yaml", "bucket:", "bucket:("),
      () => change("code.ts", "=", "= ="),
      () => change("code.ts", /$/, "throw new Error('not today');"),
      () => change("pipeline.yaml", /127\.0\.0\.1:\d+"/, `127.0.0.1:${takenPort}"`),
    ];
    ways[way]!();
    return way === ways.length - 1 ? "failed" : "invalid";
  }
}

/** In how many ways files can be damaged. */
export const damages = 6;
