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
  // One slip makes tokens unexpected to the end of the file: the first one says it.
  const first = broken.findIndex(isUnexpected);
  for (const error of broken.filter((each, index) => !isUnexpected(each) || index === first)) {
    const place = file.placeAt(error.pos[0], endOf(error, file.text));
    report.error("config/yaml", place, [detailOf(error, file.text)], hintFor(file, place.line));
  }
  return broken.length === 0 && aliasesAreKnown(file, report);
};

const isDuplicate = (error: YAMLError): boolean => error.code === "DUPLICATE_KEY";

const quoted = (text: string): string => (/^["'].*["']$/.test(text) ? text : `"${text}"`);

const isUnexpected = ({ code }: YAMLError): boolean => code === "UNEXPECTED_TOKEN";

/** Some errors name only the first character of what does not fit. */
const endOf = ({ pos: [from, to] }: YAMLError, text: string): number =>
  to - from > 1 || /\W/.test(text.charAt(from)) ? to : from + (/^[^\n]*/.exec(text.slice(from))?.[0].length ?? 1);

/** What the parser has to say, in words that a reader of the file knows. */
const detailOf = ({ code, message, pos }: YAMLError, text: string): string => {
  const found = text.slice(...pos).split("\n")[0];
  if (code === "UNEXPECTED_TOKEN") return `"${found}" cannot stand here`;
  if (code === "MULTIPLE_DOCS") return "a pipeline is one document, and here a second one begins";
  if (code === "TAG_RESOLVE_FAILED") return `there is no tag "${found}"`;
  if (code === "BLOCK_AS_IMPLICIT_KEY" || code === "BLOCK_IN_FLOW") return 'a second ": " stands in one value';
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, "");
};

/** Most YAML errors in pipelines are queries and references that YAML reads as something of its own. */
const hintFor = (file: YamlFile, line: number): string | undefined => {
  const rows = file.text.split("\n");
  // A value that goes wrong may be noticed on the line after it.
  for (const row of [rows[line - 1] ?? "", rows[line - 2] ?? ""]) {
    const key = /\b(where|query):\s/.exec(row)?.[1];
    if (key) return `Quote the query: ${key}: '…'.`;
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
