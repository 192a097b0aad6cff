import { compileKql, KqlError } from "../kql/index.ts";
import type { Options } from "../option.ts";
import { didYouMean } from "../problem.ts";
import type { RuleCatalog } from "../rules/catalog.ts";
import type { Rule } from "../rules/rule.ts";
import type { Reading } from "./check.ts";
import { offsetAsWritten } from "./kql-quote.ts";
import { mapLeaves } from "./leaves.ts";
import { bytesOf, durationOf } from "./quantity.ts";
import { partsAt } from "./references.ts";
import type { Path } from "./yaml-file.ts";

/** What options are decoded with: rules are found by name. */
export interface RuleReading extends Reading {
  readonly rules: RuleCatalog;
}

/** Turns checked values into what a plugin gets: durations into milliseconds, names of rules into rules, and so on. */
export const decode = (
  options: Options,
  values: Readonly<Record<string, unknown>>,
  path: Path,
  reading: RuleReading,
): Record<string, unknown> =>
  mapLeaves(options, values, path, (schema, value, at) => {
    const decoder = decoders[String(schema["kind"])];
    return decoder && typeof value === "string" ? decoder(value, at, reading) : value;
  });

type Decoder = (text: string, at: Path, reading: RuleReading) => unknown;

const checkKql: Decoder = (text, path, { file, origins, report }) => {
  try {
    compileKql(text);
  } catch (error) {
    if (!(error instanceof KqlError)) throw error;
    const parts = partsAt(file, origins, path);
    const { offset: at } = error;
    const offset = at === undefined || parts.length === 0 ? at : offsetAsWritten(parts, at);
    report.error("config/kql", { path, offset }, [error.summary], error.hint);
  }
  return text;
};

const findRule: Decoder = (name, path, { report, rules }): Rule | undefined => {
  const found = rules.get(name);
  if (found?.ok) return found.value;
  if (found) {
    report.error("config/rule-in-error", { path }, [name]);
    report.addAll(found.problems);
  } else {
    const known = rules.names();
    const hint = didYouMean(name, known) ?? (known.length > 0 ? `Known are ${known.join(", ")}.` : undefined);
    report.error("config/unknown-rule", { path }, [name], hint);
  }
  return undefined;
};

const decoders: Readonly<Record<string, Decoder>> = {
  duration: durationOf,
  bytes: bytesOf,
  kql: checkKql,
  rule: findRule,
};
