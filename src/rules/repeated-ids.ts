import { Report } from "../config/report.ts";
import { YamlFile } from "../config/yaml-file.ts";
import { TomlFile } from "./elastic/toml-file.ts";
import type { ReadRule } from "./rule-file.ts";

/**
 * The same rules, where one that has the id of a rule before it does not run: the state of a rule and the ids of its alerts
 * are by its id. `textOf` gives the text of a file.
 */
export const withoutRepeatedIds = (
  read: readonly ReadRule[],
  textOf: (file: string) => string | undefined,
): readonly ReadRule[] => {
  const firsts = new Map<string, ReadRule>();
  return read.map((each) => {
    const { result, file } = each;
    if (!result.ok) return each;
    const { id } = result.value;
    const first = firsts.get(id) ?? each;
    firsts.set(id, first);
    if (first === each) return each;
    const text = textOf(file) ?? "";
    const [source, path] = file.endsWith(".toml")
      ? [new TomlFile(file, text), ["rule", "rule_id"]]
      : [new YamlFile(file, text), ["id"]];
    const report = new Report(source);
    report.error("rule/repeated-id", { path }, [id, first.file], "Give it an id of its own, or leave one file out.");
    return { ...each, result: { ok: false, problems: report.problems } };
  });
};
