import { checkOptions } from "../config/check.ts";
import { decode } from "../config/decode.ts";
import { Report } from "../config/report.ts";
import { checkSyntax } from "../config/syntax.ts";
import { YamlFile } from "../config/yaml-file.ts";
import type { ExceptionCatalog } from "../detection/exceptions/catalog.ts";
import { type Exception, exceptionsOption } from "../detection/exceptions/options.ts";
import { isObject } from "../json.ts";
import type { Result } from "../problem.ts";
import { noRules } from "./load.ts";

const options = { exceptions: exceptionsOption("The exceptions.") };

/** Reads a YAML file with a list of `exceptions`, or reports all that is wrong with it. */
export const readExceptions = (
  text: string,
  fileName: string,
  catalog: ExceptionCatalog,
): Result<readonly Exception[]> => {
  const file = new YamlFile(fileName, text);
  const report = new Report(file);
  if (!checkSyntax(file, report)) return { ok: false, problems: report.problems };
  const values: unknown = file.document.toJS();
  if (!isObject(values)) {
    report.error("config/not-a-map", { path: [] }, ["The content of this file", 'with "exceptions"']);
    return { ok: false, problems: report.problems };
  }
  const rules = { ...noRules, valueList: (path: string) => catalog.valueList?.(path), now: catalog.now };
  const reading = { file, report, origins: new Map(), catalogs: { rules, codecs: noRules } };
  if (!checkOptions(options, values, { name: "a file of exceptions", path: [] }, reading))
    return { ok: false, problems: report.problems };
  const { exceptions } = decode(options, values, [], reading);
  return report.result(() => exceptions as readonly Exception[]);
};
