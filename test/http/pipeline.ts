import { onTestFinished } from "vitest";
import type { Data, Delivery, Plugin } from "weir";
import { codecs, plugins } from "../../src/cli/plugins.ts";
import { RuleFiles } from "../../src/cli/rule-files.ts";
import { loadPipeline } from "../../src/config/load.ts";
import type { RuntimeOptions } from "../../src/runtime/runtime-options.ts";
import { keeping, type Running, startRun, temporaryDir, until } from "../runtime/harness.ts";

export interface Serving extends Running {
  /** Where the source `in` listens, without a path. */
  readonly url: string;
  /** What came out at the other end. */
  readonly kept: readonly { readonly id: string; readonly data: Data }[];
}

export interface ServingOptions extends Partial<RuntimeOptions> {
  readonly dataDir?: string;
  /** By id; the last one leads to the sink. */
  readonly transforms?: Readonly<Record<string, unknown>>;
  /** Options of the sink. */
  readonly sink?: Readonly<Record<string, unknown>>;
  readonly write?: (events: readonly Delivery[]) => unknown;
}

/** One source into a sink that keeps what it gets, loaded as from a file and run in this process. */
export const runSource = async (
  source: Readonly<Record<string, unknown>>,
  { dataDir = temporaryDir(), transforms = {}, sink = {}, write, ...options }: ServingOptions = {},
): Promise<Running & Pick<Serving, "kept">> => {
  const { kept, plugin } = keeping(write);
  const inputs = [Object.keys(transforms).at(-1) ?? "in"];
  const text = JSON.stringify({
    sources: { in: source },
    transforms,
    sinks: { out: { type: "keeping", inputs, ...sink } },
  });
  const loaded = loadPipeline(text, {
    file: "pipeline.yaml",
    plugins: [...plugins, plugin as Plugin],
    codecs,
    rules: new RuleFiles("."),
    env: () => undefined,
    readFile: () => "",
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const running = await startRun(loaded.value.topology, dataDir, options);
  onTestFinished(() => running.runtime.stop(100));
  return { ...running, kept };
};

/** The same for a server: resolves when it listens. */
export const serve = async (
  source: Readonly<Record<string, unknown>> = {},
  options: ServingOptions = {},
): Promise<Serving> => {
  const running = await runSource({ type: "http_server", listen: "127.0.0.1:0", origin: "never", ...source }, options);
  const listening = () => running.log.map((line) => /listening on (\S+)/.exec(line)?.[1]).find((url) => url);
  await until(() => listening() !== undefined);
  return { ...running, url: listening()! };
};

/** Resolves when so many events have come out. */
export const came = (serving: Pick<Serving, "kept">, count: number): Promise<void> =>
  until(() => serving.kept.length >= count);
