import { isObject } from "../json.ts";
import { DecodeError, type OptionDecoder, type Warn } from "../option/decoder.ts";
import type { Options, Schema } from "../option/option.ts";
import { offsetAsWritten } from "./kql-quote.ts";
import { mapLeaves } from "./leaves.ts";
import type { AnyReading } from "./reading.ts";
import { partsAt } from "./references.ts";
import type { Path } from "./source-file.ts";

/** Turns checked values into what a plugin gets: durations into milliseconds, names of rules into rules, and so on. */
export const decode = (
  options: Options,
  values: Readonly<Record<string, unknown>>,
  path: Path,
  reading: AnyReading,
): Record<string, unknown> =>
  mapLeaves(options, values, path, (schema, value, at) => {
    const decoder = schema["decode"] as OptionDecoder | undefined;
    if (!decoder || !(typeof value === "string" || isObject(value))) return value;
    // A reference that leads nowhere was reported already.
    if (partsAt(reading.file, reading.origins, at).some(({ from }) => from === "nowhere")) return value;
    try {
      // Only a decoder whose option may be a map gets one.
      const warn: Warn = (code, words, hint, offset) =>
        reading.report.warning(code, placeOf(offset, schema, at, reading), words, hint);
      return decoder(value as string, reading.catalogs, warn, values);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      report(error, schema, at, reading);
      return undefined;
    }
  });

const report = (error: DecodeError, schema: Schema, path: Path, reading: AnyReading): void => {
  const { code, message, hint, offset, problems } = error;
  const at = placeOf(offset, schema, path, reading);
  reading.report.error(code, at, [message], hint);
  reading.report.addAll(problems);
};

const placeOf = (offset: number | undefined, schema: Schema, path: Path, reading: AnyReading) => ({
  path,
  offset: offset === undefined ? undefined : writtenOffset(offset, schema, path, reading),
});

/** The offset in the text as written, before its references were followed. */
const writtenOffset = (offset: number, { kind }: Schema, path: Path, { file, origins }: AnyReading): number => {
  const parts = partsAt(file, origins, path);
  return parts.length === 0 ? offset : offsetAsWritten(parts, offset, kind === "kql");
};
