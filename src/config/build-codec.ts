import { type BuiltCodec, builtCodec, type CodecPlugin } from "../codec.ts";
import type { CodecName } from "../plugin.ts";
import { checkOptions } from "./check.ts";
import { coerce } from "./coerce.ts";
import { decode } from "./decode.ts";
import { maskValues } from "./mask.ts";
import type { FileReading } from "./reading.ts";
import type { Path } from "./source-file.ts";

/**
 * Checks the options of a source's codec, and builds it; `undefined` if a problem was reported. `shown` is what may be
 * printed of the options.
 */
export const buildCodec = (
  { codec, codec_options: written }: { readonly codec?: CodecName | CodecPlugin; readonly codec_options?: Values },
  component: { readonly id: string; readonly path: Path },
  reading: FileReading,
): { readonly codec: CodecName | BuiltCodec; readonly shown: Values } | undefined => {
  if (codec === undefined) return undefined;
  const path = [...component.path, "codec_options"];
  const { name, options } = typeof codec === "string" ? { name: codec, options: {} } : codec;
  const owner = { name: `the codec ${name}`, path: written === undefined ? component.path : path };
  const values = coerce(options, written ?? {}, path, reading);
  if (!checkOptions(options, values, owner, reading)) return undefined;
  if (typeof codec === "string") return { codec, shown: {} };
  const config = decode(options, values, path, reading);
  if (reading.report.failed) return undefined;
  try {
    const shown = Object.keys(values).length > 0 && { codec_options: maskValues(options, values, path, reading) };
    return { codec: builtCodec(codec, config), shown: shown || {} };
  } catch (error) {
    const detail = `the codec "${name}": ${(error instanceof Error ? error.message : String(error)).replace(/\.$/, "")}`;
    reading.report.error("config/build", { path: [...component.path, "codec"] }, [component.id, detail]);
    return undefined;
  }
};

type Values = Readonly<Record<string, unknown>>;
