import type { Described } from "./context.ts";
import type { Data } from "./json.ts";
import type { Config, Options } from "./option/option.ts";

/**
 * Reads one record. `text` is the record, decoded with the source's encoding. `bytes` are its bytes; the host reuses them after
 * the function returns. `ingested` is the host's timestamp, in milliseconds since 1970. If it throws, the record goes to the
 * dead letter as `codec_error`, or with the reason of a `RejectError`.
 */
export type RecordReader = (text: string, bytes: Uint8Array, ingested: number) => Data;

/** A record that contains a line of another program, as in a container log. */
export interface Wrapped {
  /** Which output the line belongs to, such as `stdout`. Lines of several outputs may alternate in a stream. */
  readonly lane: string;
  /** The line, or a part of it. */
  readonly text: string;
  /** Whether the line continues in the next record of the lane. */
  readonly isPartial: boolean;
  /** The event's data, without `message`, which is the text. If a line has several records, the first one's data is used. */
  readonly data: Data;
}

/** Takes the line out of a record. Arguments and errors are those of a `RecordReader`. */
export type RecordUnwrapper = (text: string, bytes: Uint8Array, ingested: number) => Wrapped;

type Decode<O extends Options> = {
  /** Called when a pipeline is loaded. The result of the returned function must depend only on its arguments. */
  decode(context: { readonly config: Config<O> }): RecordReader;
  readonly unwrap?: undefined;
};

type Unwrap<O extends Options> = {
  /**
   * The same for records that contain lines. The host joins the parts of each line, and joins lines as the source's option
   * `multiline` says.
   */
  unwrap(context: { readonly config: Config<O> }): RecordUnwrapper;
  readonly decode?: undefined;
};

/**
 * Turns a record into an event's data, with `decode` or `unwrap`. The source's framing has already split the stream
 * into records.
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
