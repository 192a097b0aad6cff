import type { Described } from "./context.ts";
import type { Data } from "./json.ts";
import type { Config, Options } from "./option/option.ts";

/**
 * Reads one record. `text` is its text in the encoding of the source; `bytes` are its bytes, which the host uses again when
 * the function has returned; `ingested` is the host's timestamp, in milliseconds since 1970. Throws for a record that it
 * cannot read: the record goes to the dead letter as `codec_error`, or with the reason of a `RejectError`.
 */
export type RecordReader = (text: string, bytes: Uint8Array, ingested: number) => Data;

/** A record of a program that passes on lines of others, such as the log of a container. */
export interface Wrapped {
  /** Which of the texts in the stream the line belongs to, such as `stdout`. The lines of several may alternate. */
  readonly lane: string;
  /** The line, or a part of it. */
  readonly text: string;
  /** Whether the line goes on in the next record of the lane. */
  readonly isPartial: boolean;
  /** The event's data beside `message`, which is the text. Of several records, the data of the first counts. */
  readonly data: Data;
}

/** Takes a line out of a record; as for the rest, a `RecordReader`. */
export type RecordUnwrapper = (text: string, bytes: Uint8Array, ingested: number) => Wrapped;

type Decode<O extends Options> = {
  /** Called when a pipeline is loaded. What the returned function gives depends on its arguments alone. */
  decode(context: { readonly config: Config<O> }): RecordReader;
  readonly unwrap?: undefined;
};

type Unwrap<O extends Options> = {
  /**
   * The same for records with lines in them. The host joins the parts of each line, and the lines as the option
   * `multiline` of the source says.
   */
  unwrap(context: { readonly config: Config<O> }): RecordUnwrapper;
  readonly decode?: undefined;
};

/**
 * Turns a record into an event's data, with `decode` or `unwrap`. The framing of the source has cut the stream into
 * records.
 */
export type Codec<O extends Options = Options> = Described<O> & (Decode<O> | Unwrap<O>);

// biome-ignore lint/suspicious/noExplicitAny: a list of codecs has options of every shape; each is typed by its own.
type Erased = any;

export type CodecPlugin = { readonly kind: "codec"; readonly api: number } & Codec<Erased>;

/** A codec with its options, as a source has it. */
export type BuiltCodec = { readonly name: string } & (
  | { readonly read: RecordReader; readonly unwrap?: undefined }
  | { readonly unwrap: RecordUnwrapper; readonly read?: undefined }
);

/** Builds a codec with its decoded options. Throws what the codec throws if it cannot use them. */
export const builtCodec = ({ name, decode, unwrap }: CodecPlugin, config: unknown): BuiltCodec => {
  const context = { config: config as Erased };
  return unwrap ? { name, unwrap: unwrap(context) } : { name, read: decode!(context) };
};
