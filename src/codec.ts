import type { Described } from "./context.ts";
import type { Data } from "./json.ts";
import type { Config, Options } from "./option/option.ts";

/**
 * Reads one record. `text` is its text in the encoding of the source; `bytes` are its bytes, which the host uses again when
 * the function has returned. Throws for a record that it cannot read: the record goes to the dead letter as
 * `codec_error`, or with the reason of a `RejectError`.
 */
export type RecordReader = (text: string, bytes: Uint8Array) => Data;

/** Turns a record into an event's data. The framing of the source has cut the stream into records. */
export interface Codec<O extends Options = Options> extends Described<O> {
  /** Called when a pipeline is loaded. What the returned function gives depends on the record alone. */
  decode(context: { readonly config: Config<O> }): RecordReader;
}

// biome-ignore lint/suspicious/noExplicitAny: a list of codecs has options of every shape; each is typed by its own.
type Erased = any;

export type CodecPlugin = { readonly kind: "codec"; readonly api: number } & Codec<Erased>;

/** A codec with its options, as a source has it. */
export interface BuiltCodec {
  readonly name: string;
  readonly read: RecordReader;
}
