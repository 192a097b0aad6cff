import { visit, type YAMLError } from "yaml";
import type { Report } from "./report.ts";
import type { YamlFile } from "./yaml-file.ts";

/** Tells what is wrong with the YAML itself; false when what follows cannot be relied upon. */
export const checkSyntax = (file: YamlFile, report: Report): boolean => {
  const { errors, warnings } = file.document;
  for (const error of errors.filter(isDuplicate)) {
    const key = /^(?:"[^"\n]*"|'[^'\n]*'|[^\n:]*)/.exec(file.text.slice(error.pos[0]))?.[0].trim() ?? "";
    const place = file.placeAt(error.pos[0], error.pos[0] + key.length);
    report.error("config/duplicate-key", place, [quoted(key)], "Take one of them away.");
  }
  const broken = [...errors.filter((error) => !isDuplicate(error)), ...warnings];
  const lines = new Set<number>();
  for (const error of broken) {
    const place = file.placeAt(...error.pos);
    // One slip gives several errors on its line; the first one says it.
    if (lines.has(place.line)) continue;
    lines.add(place.line);
    report.error("config/yaml", place, [detailOf(error)], hintFor(file, place.line));
  }
  return broken.length === 0 && aliasesAreKnown(file, report);
};

const isDuplicate = (error: YAMLError): boolean => error.code === "DUPLICATE_KEY";

const quoted = (text: string): string => (/^["'].*["']$/.test(text) ? text : `"${text}"`);

const detailOf = ({ message }: YAMLError): string =>
  message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, "");

/** Most YAML errors in pipelines are queries and references that YAML reads as something of its own. */
const hintFor = (file: YamlFile, line: number): string | undefined => {
  const rows = file.text.split("\n");
  // A value that goes wrong may be noticed on the line after it.
  for (const row of [rows[line - 1] ?? "", rows[line - 2] ?? ""]) {
    const key = /^[\s-]*(\w+):/.exec(row)?.[1];
    if (key === "where" || key === "query") return `Quote the query: ${key}: '…'.`;
    if (row.includes("${")) return 'Quote the value that has the reference: "${…}".';
  }
  return undefined;
};

/** An alias must name an anchor above it; aliases of aliases must not blow up. */
const aliasesAreKnown = (file: YamlFile, report: Report): boolean => {
  const { document } = file;
  const before = report.failed;
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document)) return;
      const [from, to] = alias.range ?? [0, 0];
      const place = file.placeAt(from, to);
      const detail = `there is no anchor "&${alias.source}" above`;
      report.error("config/yaml", place, [detail], hintFor(file, place.line));
    },
  });
  if (report.failed && !before) return false;
  try {
    document.toJS({ maxAliasCount: 100 });
    return true;
  } catch (error) {
    report.error("config/yaml", { path: [] }, [error instanceof Error ? error.message : String(error)]);
    return false;
  }
};
