import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileText } from "../../src/cli/file-text.ts";
import { loadPipelineFile } from "../../src/cli/load-file.ts";
import type { Topology } from "../../src/topology/topology.ts";

/** A pipeline: its text and the files beside it, or a file of the repository and its environment. */
export type PipelineFiles =
  | { readonly text: string; readonly files?: Readonly<Record<string, string>> }
  | { readonly path: string; readonly env: Readonly<Record<string, string>> };

let last: { readonly key: string; readonly topology: Topology } | undefined;

/** The topology of a pipeline, which must have no problem. */
export const loaded = async (pipeline: PipelineFiles): Promise<Topology> => {
  const key = JSON.stringify(pipeline);
  if (last?.key !== key) last = { key, topology: await load(pipeline) };
  return last.topology;
};

const load = async (pipeline: PipelineFiles): Promise<Topology> => {
  if ("path" in pipeline) return loadFile(pipeline.path, pipeline.env);
  const folder = mkdtempSync(join(tmpdir(), "weir-test-"));
  const path = join(folder, "pipeline.yaml");
  try {
    for (const [name, text] of Object.entries({ ...pipeline.files, "pipeline.yaml": pipeline.text }))
      writeFileSync(join(folder, name), text);
    return await loadFile(path, {});
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const loadFile = async (path: string, own: Readonly<Record<string, string>>): Promise<Topology> => {
  const result = await loadPipelineFile(path, { env: (name) => own[name] ?? process.env[name], readFile: fileText });
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join("\n"));
  return result.value.topology;
};
