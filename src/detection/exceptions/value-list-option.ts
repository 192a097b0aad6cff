import { DecodeError, type OptionDecoder } from "../../option/decoder.ts";
import { kind } from "../../option/option.ts";
import type { ExceptionCatalog } from "./catalog.ts";

const decode: OptionDecoder = (path, { rules }) => {
  const found = (rules as ExceptionCatalog).valueList?.(path);
  if (found?.ok) return found.value;
  throw new DecodeError("config/unusable-list", path, {
    problems: found?.problems ?? [],
    hint: found ? undefined : hint,
  });
};

const hint = "Paths are relative to the pipeline file.";

/** An option that is the path of a file with one value on each line. It is decoded to the values. */
export const valueListOption = kind<readonly string[], string>("value_list", {
  title: "a file path",
  type: "string",
  minLength: 1,
  decode,
});
