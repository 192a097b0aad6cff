import { isScalar, visit, type YAMLError } from "yaml";
import type { Report } from "./report.ts";
import type { YamlFile } from "./yaml-file.ts";

/** A text that is no YAML at all has a mistake in each character. */
const mostTold = 10;

/** Reports what is wrong with the YAML itself; false when the document cannot be used. */
export const checkSyntax = (file: YamlFile, report: Report): boolean => {
  const { errors, warnings } = file.document;
  reportRepeatedKeys(file, report);
  const broken = [...errors, ...warnings];
  // One mistake makes every token after it unexpected: only the first is reported.
  const first = broken.findIndex(isUnexpected);
  const told = broken.filter((each, index) => !isUnexpected(each) || index === first).slice(0, mostTold);
  for (const error of told) {
    const place = file.placeAt(error.pos[0], endOf(error, file.text));
    report.error("config/yaml", place, [detailOf(error, file.text)], hintFor(file, place.line));
  }
  return broken.length === 0 && aliasesAreKnown(file, report);
};

const reportRepeatedKeys = (file: YamlFile, report: Report): void => {
  visit(file.document, {
    Map(_key, map) {
      const keys = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key) || !key.range) continue;
        if (keys.has(key.value)) {
          const [from, to] = key.range;
          const written = file.text.slice(from, to);
          report.error("config/duplicate-key", file.placeAt(from, to), [quoted(written)], "Remove one of them.");
        }
        keys.add(key.value);
      }
    },
  });
};

const quoted = (text: string): string => (/^["'].*["']$/.test(text) ? text : `"${text}"`);

const isUnexpected = ({ code }: YAMLError): boolean => code === "UNEXPECTED_TOKEN";

/** Some errors cover only the first character of the unexpected text. */
const endOf = ({ pos: [from, to] }: YAMLError, text: string): number =>
  to - from > 1 || /\W/.test(text.charAt(from)) ? to : from + (/^[^\n]*/.exec(text.slice(from))?.[0].length ?? 1);

/** The parser's message, in words for the reader of the file. */
const detailOf = ({ code, message, pos }: YAMLError, text: string): string => {
  const found = text.slice(...pos).split("\n")[0];
  if (code === "UNEXPECTED_TOKEN") return `unexpected "${found}"`;
  if (code === "MULTIPLE_DOCS") return "a pipeline is a single document, but a second one begins here";
  if (code === "TAG_RESOLVE_FAILED") return `unknown tag "${found}"`;
  if (code === "BLOCK_AS_IMPLICIT_KEY" || code === "BLOCK_IN_FLOW") return 'unexpected ": " inside a value';
  if (/call stack|stack overflow/i.test(message)) return "it is nested too deeply";
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, "");
};

/** Most YAML errors in pipelines come from unquoted queries and references. */
const hintFor = (file: YamlFile, line: number): string | undefined => {
  const rows = file.text.split("\n");
  // An error in a value may be noticed only on the next line.
  for (const row of [rows[line - 1] ?? "", rows[line - 2] ?? ""]) {
    const key = /\b(where|query):\s/.exec(row)?.[1];
    if (key) return `Quote the query: ${key}: '…'.`;
    if (row.includes("${")) return 'Quote the value with the reference: "${…}".';
  }
  return undefined;
};

/** An alias needs an anchor above it, and aliases of aliases must not multiply without limit. */
const aliasesAreKnown = (file: YamlFile, report: Report): boolean => {
  const { document } = file;
  const before = report.failed;
  let needsResolving = false;
  visit(document, {
    Pair(_key, { key }) {
      if (isScalar(key) && key.source === "<<") needsResolving = true;
    },
    Alias(_key, alias) {
      needsResolving = true;
      if (alias.resolve(document)) return;
      const [from, to] = alias.range ?? [0, 0];
      const place = file.placeAt(from, to);
      const detail = `no anchor "&${alias.source}" comes before this alias`;
      report.error("config/yaml", place, [detail], hintFor(file, place.line));
    },
  });
  if (report.failed && !before) return false;
  if (!needsResolving) return true;
  try {
    document.toJS({ maxAliasCount: 100 });
    return true;
  } catch (error) {
    report.error("config/yaml", { path: [] }, [error instanceof Error ? error.message : String(error)]);
    return false;
  }
};
