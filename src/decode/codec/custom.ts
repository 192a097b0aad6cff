import type { BuiltCodec } from "../../codec.ts";
import { isObject } from "../../json.ts";
import { soundData } from "../../sound-data.ts";
import { reasonFor } from "../../transform/reject.ts";
import { type RecordCodec, Unreadable } from "./codec.ts";

/** A codec with a reader of its own. What it returns is checked, and frozen. */
export const customCodec = ({ name, read }: Extract<BuiltCodec, { readonly read: unknown }>): RecordCodec => ({
  read: (text, _isExact, meta, shared, block, start, end) => {
    let found: unknown;
    try {
      found = read(text, block.subarray(start, end), meta.ingested);
    } catch (error) {
      return codecError(name, error);
    }
    const data = shared && isObject(found) ? { ...shared, ...found } : found;
    return unsoundData(name, data) ?? { data: data as never, meta };
  },
});

/** Why a record could not be read, if the codec threw an error. */
export const codecError = (codec: string, error: unknown): Unreadable => {
  const { reason, message } = reasonFor(error, "codec_error");
  return new Unreadable(reason, `the codec "${codec}" cannot read the record: ${message}`);
};

/** What is wrong with data from a codec. What is sound is frozen. */
export const unsoundData = (codec: string, data: unknown): Unreadable | undefined => {
  const flaw = soundData(data);
  if (!flaw) return undefined;
  return new Unreadable("codec_error", `the codec "${codec}" returned what JSON cannot represent: ${flaw}`);
};
