import { type Data, isObject } from "../json.ts";
import type { Report } from "./report.ts";

type Kind = keyof typeof kinds;

const kinds = {
  pipeline: { is: "a pipeline", use: "Check it with `weir validate`." },
  rule: { is: "a rule", use: "Check it with `weir rules check`." },
  tests: { is: "a file with tests of a pipeline", use: "`weir test` runs it with the pipeline beside it." },
} as const;

const has = (values: Data, names: readonly string[]) => names.some((name) => Object.hasOwn(values, name));

/** What a YAML file is, by the keys that only files of this kind have. */
const kindOf = (values: Data): Kind | undefined => {
  if (has(values, ["sources", "transforms", "sinks"])) return "pipeline";
  if (has(values, ["severity", "risk_score"])) return "rule";
  const others = Object.keys(values).filter((name) => name !== "tests" && !name.startsWith("x-"));
  return Array.isArray(values["tests"]) && others.length === 0 ? "tests" : undefined;
};

/** Whether a file is certainly not of the wanted kind but of another: that is reported, and nothing else of the file need be. */
export const isOtherFile = (values: unknown, wanted: Exclude<Kind, "tests">, report: Report): boolean => {
  const found = isObject(values) ? kindOf(values) : undefined;
  if (found === undefined || found === wanted) return false;
  report.error("config/other-file", { path: [] }, [kinds[found].is, kinds[wanted].is], kinds[found].use);
  return true;
};
