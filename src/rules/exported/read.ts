import { checkOptions } from "../../config/check.ts";
import { decode } from "../../config/decode.ts";
import { Report } from "../../config/report.ts";
import type { ExceptionCatalog } from "../../detection/exceptions/catalog.ts";
import { exceptionListName } from "../../detection/exceptions/exceptions.ts";
import { type Exception, exceptionOptions } from "../../detection/exceptions/options.ts";
import type { Data } from "../../json.ts";
import type { Result } from "../../problem.ts";
import { noRules } from "../load.ts";
import { exceptionOf, type ListOf, nameOf } from "./exception-of.ts";
import { JsonLines } from "./json-lines.ts";

/**
 * Reads exceptions from an export of Kibana (NDJSON): of exception lists, or of rules with their lists. Each is for the rules
 * that name its list. What has no counterpart is left out with a warning. `valueListPath` is the path of the file of a value
 * list, relative to the pipeline file.
 */
export const readExported = (
  text: string,
  fileName: string,
  catalog: ExceptionCatalog,
  valueListPath: (id: string) => string,
): Result<readonly Exception[]> => {
  const file = new JsonLines(fileName, text);
  const report = new Report(file);
  const at = (line: number) => ({ path: ["line", line] });
  for (const { line, why } of file.flaws) report.error("config/exported-line", at(line), [why]);
  const lists = listsIn(file.lines.map(({ value }) => value));
  const rules = { ...noRules, valueList: (path: string) => catalog.valueList?.(path), now: catalog.now };
  const reading = { file, report, origins: new Map(), catalogs: { rules, codecs: noRules } };
  const valueListOf = (id: string) => {
    const path = valueListPath(id);
    return catalog.valueList?.(path)?.ok ? path : undefined;
  };
  const found = file.lines.flatMap(({ line, value }) => {
    const kind = kindOf(value);
    if (kind === undefined)
      report.error("config/exported-line", at(line), ["it is not a rule, an exception list, or an item of one"]);
    if (kind !== "item") return [];
    const listId = String(value["list_id"]);
    const converted = exceptionOf(value, lists.get(listId) ?? unknownList(listId), valueListOf);
    if ("why" in converted) {
      report.warning("config/exception-left-out", at(line), [
        `The exception "${nameOf(value)}"`,
        `is left out: ${converted.why}`,
      ]);
      return [];
    }
    const { exception } = converted;
    const owner = { name: "an exception", path: at(line).path };
    if (!checkOptions(exceptionOptions, exception, owner, reading)) return [];
    return [decode(exceptionOptions, exception, at(line).path, reading) as Exception];
  });
  return report.result(() => found);
};

type Kind = "item" | "list" | "rule" | "summary";

const kindOf = (line: Data): Kind | undefined => {
  if ("entries" in line && "list_id" in line) return "item";
  if ("list_id" in line) return "list";
  if ("rule_id" in line) return "rule";
  return Object.keys(line).some((key) => /^exported_.*count$/.test(key)) ? "summary" : undefined;
};

const unknownList = (id: string): ListOf => ({
  name: id,
  type: "detection",
  rules: [exceptionListName(id)].filter(isOneName),
});

/** In the names of rules in an exception, `*` stands for any text: in those of Kibana, it is a character. */
const isOneName = (name: string): boolean => !name.includes("*");

/** How Kibana names the list of a rule's own exceptions. */
const ownList = "Exceptions for rule - ";

/** The exception lists in an export by their ids, with the rules that name them. */
const listsIn = (lines: readonly Data[]): ReadonlyMap<string, ListOf> => {
  const users = new Map<string, string[]>();
  for (const rule of lines)
    if (kindOf(rule) === "rule")
      for (const list of [rule["exceptions_list"] ?? []].flat()) {
        const id = String((list as Data | null)?.["list_id"]);
        users.set(id, [...(users.get(id) ?? []), String(rule["rule_id"])]);
      }
  return new Map(
    lines.flatMap((line) => {
      if (kindOf(line) !== "list") return [];
      const [id, name, type] = [line["list_id"], line["name"], line["type"]].map(String) as [string, string, string];
      const title = type === "rule_default" && name.startsWith(ownList) ? [name.slice(ownList.length)] : [];
      const rules = [exceptionListName(id), ...(users.get(id) ?? []), ...title];
      return [[id, { name, type, rules: rules.filter(isOneName) }] as const];
    }),
  );
};
