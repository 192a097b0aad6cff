import type { Reading, SourceContext } from "weir";
// biome-ignore lint/style/noRestrictedImports: this is the source `file` with other options.
import { type FileConfig, readFiles } from "../file/read-files.ts";
import type { MetadataConfig } from "./metadata-options.ts";
import { apiServerOf } from "./pods/api-server.ts";
import { followPods } from "./pods/follow-pods.ts";
import { Pods } from "./pods/pods.ts";

/** Reads the logs of a node, and adds what the API server knows of its pod. */
export async function* readWithPods(
  context: SourceContext<FileConfig>,
  config: MetadataConfig,
): AsyncGenerator<Reading> {
  const server = apiServerOf(config, process.env);
  const { clock, log, refused } = context;
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const pods = new Pods({ ...config, clock, signal, log, refused });
  const following = followPods(server, pods, { config, clock, signal, log, refused });
  try {
    for await (const reading of readFiles({ ...context, gate: pods }))
      yield reading.path === undefined ? reading : { ...reading, origin: pods.fieldsOf(reading.path) };
  } finally {
    stop.abort();
    await following;
  }
}
