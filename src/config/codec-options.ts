import type { CodecPlugin } from "../codec.ts";
import { type Catalog, DecodeError, type OptionDecoder } from "../option/decoder.ts";
import { kind, type Option, schemaFor } from "../option/option.ts";
import type { CodecName } from "../plugin.ts";
import { didYouMean } from "../problem.ts";

/** The codecs that the host reads itself, faster than their plugins; a reading of a source can name them. */
const hostCodecs: readonly CodecName[] = ["text", "json"];

/** The codecs that a pipeline can use, by name. */
export const codecCatalog = (codecs: readonly CodecPlugin[]): Catalog<CodecPlugin> => ({
  names: () => codecs.map(({ name }) => name),
  get: (wanted) => {
    const found = codecs.find(({ name }) => name === wanted);
    return found && { ok: true, value: found, warnings: [] };
  },
});

const findCodec: OptionDecoder = (name, { codecs }) => {
  if (hostCodecs.some((own) => own === name)) return name;
  const found = codecs.get(name);
  if (found?.ok) return found.value;
  const known = [...new Set([...hostCodecs, ...codecs.names()])];
  const meant = known.find((each) => each.endsWith(`/${name}`));
  const hint = (meant && `Did you mean "${meant}"?`) ?? didYouMean(name, known) ?? `Available: ${known.join(", ")}.`;
  throw new DecodeError("config/unknown-codec", name, { hint });
};

/** An option that is the name of a codec. It is decoded to the name, or to the codec of a module. */
export const codecOption = kind<CodecName | CodecPlugin, string>("codec", {
  title: "the name of a codec",
  type: "string",
  minLength: 1,
  decode: findCodec,
});

/** The options of a codec, which are checked when the codec is known. */
export const codecOptionsOption: Option<Readonly<Record<string, unknown>> | undefined> = schemaFor({
  title: "a map of options",
  type: "object",
  optional: true,
  description: "The options of the codec, if it has any.",
  kind: "codec_options",
});
