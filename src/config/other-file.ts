import { type Data, isObject } from "../json.ts";
import type { Report } from "./report.ts";

type Kind = keyof typeof kinds;

const kinds = {
  pipeline: { is: "a pipeline", use: "Check it with `weir validate`." },
  rule: { is: "a rule", use: "Check it with `weir rules check`." },
  tests: { is: "a test file", use: "`weir test` runs it together with its pipeline." },
} as const;

const has = (values: Data, names: readonly string[]) => names.some((name) => Object.hasOwn(values, name));

/** The kind of a YAML file, by keys that only files of that kind have. */
const kindOf = (values: Data): Kind | undefined => {
  if (has(values, ["sources", "transforms", "sinks"])) return "pipeline";
  if (has(values, ["severity", "risk_score"])) return "rule";
  const others = Object.keys(values).filter((name) => name !== "tests" && !name.startsWith("x-"));
  return Array.isArray(values["tests"]) && others.length === 0 ? "tests" : undefined;
};

/** Whether a file is certainly of another kind than the wanted one. Reports this; nothing else in the file needs a report then. */
export const isOtherFile = (values: unknown, wanted: Exclude<Kind, "tests">, report: Report): boolean => {
  const found = isObject(values) ? kindOf(values) : undefined;
  if (found === undefined || found === wanted) return false;
  report.error("config/other-file", { path: [] }, [kinds[found].is, kinds[wanted].is], kinds[found].use);
  return true;
};
