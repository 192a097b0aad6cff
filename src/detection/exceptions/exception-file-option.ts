import { DecodeError, type OptionDecoder } from "../../option/decoder.ts";
import { kind, option } from "../../option/option.ts";
import type { ExceptionCatalog } from "./catalog.ts";
import type { Exception } from "./options.ts";

const decode: OptionDecoder = (path, { rules }, warn) => {
  const found = (rules as ExceptionCatalog).exceptionFile?.(path);
  if (found?.ok) {
    const [first] = found.warnings;
    if (first) {
      const more = found.warnings.length > 1 ? ` (and ${found.warnings.length - 1} more warnings)` : "";
      const message = first.message.replace(/\.$/, "");
      warn("config/exception-expiry", [`${first.file}:${first.line}:`, `${message}${more}`], first.hint ?? "");
    }
    return found.value;
  }
  throw new DecodeError("config/unusable-exceptions", path, {
    problems: found?.problems ?? [],
    hint: found ? undefined : "Paths are relative to the pipeline file.",
  });
};

const exceptionFile = kind<readonly Exception[], string>("exception_file", {
  title: "a file path",
  type: "string",
  minLength: 1,
  decode,
});

/** An option that is a list of paths of YAML files, each with a list of `exceptions`. Each path is decoded to them. */
export const exceptionFilesOption = option.list(exceptionFile);
