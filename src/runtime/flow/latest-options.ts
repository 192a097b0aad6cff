import type { DecoderOptions } from "../../decode/decoder.ts";
import type { Reading } from "../../plugin.ts";

const names = ["framing", "codec", "isText", "encoding", "path", "link"] as const;

/** The part of a reading on which the options of its decoder depend. */
export type ReadingKind = { readonly [name in (typeof names)[number]]?: Reading[name] | undefined };

/** The options of decoders, made once for readings of the same kind: requests come one after another with the same headers. */
export class LatestOptions {
  readonly #make: (kind: ReadingKind) => DecoderOptions;
  #latest: { readonly kind: ReadingKind; readonly options: DecoderOptions } | undefined;

  constructor(make: (kind: ReadingKind) => DecoderOptions) {
    this.#make = make;
  }

  of(reading: ReadingKind): DecoderOptions {
    const latest = this.#latest;
    if (latest && names.every((name) => latest.kind[name] === reading[name])) return latest.options;
    const { framing, codec, isText, encoding, path, link } = reading;
    const kind = { framing, codec, isText, encoding, path, link };
    const options = this.#make(kind);
    this.#latest = { kind, options };
    return options;
  }
}
