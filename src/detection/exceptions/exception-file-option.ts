import { type Catalogs, DecodeError, type OptionDecoder, type Warn } from "../../option/decoder.ts";
import { option, schemaFor, schemaOf } from "../../option/option.ts";
import type { Result } from "../../problem.ts";
import type { ExceptionCatalog } from "./catalog.ts";
import type { Exception } from "./options.ts";

type Entry = string | { readonly from: string; readonly rules: readonly string[] };

const decode = (entry: Entry, { rules }: Catalogs, warn: Warn): readonly Exception[] => {
  const path = typeof entry === "string" ? entry : entry.from;
  const found = (rules as ExceptionCatalog).exceptionFile?.(path) as Result<readonly Exception[]> | undefined;
  if (found?.ok) {
    const [first] = found.warnings;
    if (first) {
      const more = found.warnings.length > 1 ? ` (and ${found.warnings.length - 1} more warnings)` : "";
      const message = `${first.message.replace(/\.$/, "")}${more}`;
      const code = first.code === "config/exception-left-out" ? first.code : "config/exception-expiry";
      warn(code, [`${first.file}:${first.line}:`, message], first.hint ?? "");
    }
    return typeof entry === "string" ? found.value : found.value.map((each) => ({ ...each, rules: entry.rules }));
  }
  throw new DecodeError("config/unusable-exceptions", path, {
    problems: found?.problems ?? [],
    hint: found ? undefined : "Paths are relative to the pipeline file.",
  });
};

const withRules = schemaOf({
  from: option.text("The path of the file, relative to the pipeline file."),
  rules: option.list(option.text, { minItems: 1 })(
    "The rules that its exceptions are for, in place of those that it names: names, ids, titles or tags; `*` stands for any text.",
  ),
});

const exceptionFile = (description: string) =>
  schemaFor<readonly Exception[]>({
    ...withRules,
    title: "a file path, or a map with from and rules",
    type: ["string", "object"],
    minLength: 1,
    kind: "rules",
    description,
    decode: decode as OptionDecoder,
  });

/**
 * An option that is a list of files with exceptions: YAML with `exceptions`, or an export of Kibana (NDJSON). Each path is decoded
 * to them.
 */
export const exceptionFilesOption = option.list(exceptionFile);
