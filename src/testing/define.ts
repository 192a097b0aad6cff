import type { Check } from "./check.ts";
import { type CodecCase, codecChecks } from "./codec-checks.ts";
import { ruleChecks } from "./rule-checks.ts";
import { describe, it } from "./runner.ts";
import { type SinkCase, sinkChecks } from "./sink-checks.ts";
import { type SourceCase, sourceChecks } from "./source-checks.ts";
import type { TransformCase } from "./transform-case.ts";
import { transformChecks } from "./transform-checks.ts";

// Each defines checks as tests: in vitest, in runners with a global `describe` and `it` such as jest, and in node:test.

/** Defines `sourceChecks` as tests. */
export const testSource = (source: Parameters<typeof sourceChecks>[0], cases: readonly SourceCase[]): void =>
  define(`source ${source.name}`, sourceChecks(source, cases));

/** Defines `transformChecks` as tests. */
export const testTransform = (plugin: Parameters<typeof transformChecks>[0], cases: readonly TransformCase[]): void =>
  define(`transform ${plugin.name}`, transformChecks(plugin, cases));

/** Defines `sinkChecks` as tests. */
export const testSink = (sink: Parameters<typeof sinkChecks>[0], cases: readonly SinkCase[]): void =>
  define(`sink ${sink.name}`, sinkChecks(sink, cases));

/** Defines `codecChecks` as tests. */
export const testCodec = (codec: Parameters<typeof codecChecks>[0], cases: readonly CodecCase[]): void =>
  define(`codec ${codec.name}`, codecChecks(codec, cases));

/** Defines the tests in a folder's rule files as tests. `types`: your own rule types. */
export const testRules = (folder: URL, types: Parameters<typeof ruleChecks>[1] = []): void => {
  for (const { name, checks } of ruleChecks(folder, types)) define(`rule ${name}`, checks);
};

const define = (name: string, checks: readonly Check[]): void => {
  describe(name, () => {
    for (const { name, run } of checks) it(name, run);
  });
};
