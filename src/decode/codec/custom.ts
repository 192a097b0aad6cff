import type { BuiltCodec } from "../../codec.ts";
import { isObject } from "../../json.ts";
import { soundData } from "../../sound-data.ts";
import { reasonFor } from "../../transform/reject.ts";
import { type RecordCodec, Unreadable } from "./codec.ts";

/** A codec that does not come with weir. What it returns is checked, and frozen. */
export const customCodec = ({ name, read }: BuiltCodec): RecordCodec => ({
  read: (text, _isExact, meta, shared, block, start, end) => {
    let found: unknown;
    try {
      found = read(text, block.subarray(start, end));
    } catch (error) {
      const { reason, message } = reasonFor(error, "codec_error");
      return new Unreadable(reason, `the codec "${name}" cannot read the record: ${message}`);
    }
    const data = shared && isObject(found) ? { ...shared, ...found } : found;
    const flaw = soundData(data);
    return flaw
      ? new Unreadable("codec_error", `the codec "${name}" returned what JSON cannot represent: ${flaw}`)
      : { data: data as never, meta };
  },
});
