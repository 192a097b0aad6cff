import * as layout from "./layout.ts";
import { longestBlock } from "./limits.ts";
import { writeBytes } from "./tables.ts";
import { wasmInstance } from "./wasm-instance.ts";

/** Outlines records, one at a time. */
export interface Outliner {
  /** Where to put a record; it has room for `longestBlock` bytes. */
  readonly record: Buffer;
  /** Where the members of the last record are in it, four indexes each: see `Outline`. */
  readonly members: Uint32Array<ArrayBuffer>;
  /**
   * The number of indexes in `members` for the record that the first `length` bytes of `record` are; 0 if it has no members or more
   * than fit. -1 if it is not certain that it is a JSON object as JSON.parse accepts it, in which no name repeats.
   */
  outline(length: number): number;
}

/** The outliner of this thread; undefined if this machine cannot have it. */
export const wasmOutliner = (): Outliner | undefined => {
  const exports = wasmInstance();
  if (!exports) return undefined;
  const { buffer } = exports.memory;
  writeBytes(new Uint8Array(buffer));
  const record = Buffer.from(buffer, layout.blockAt, longestBlock + layout.blockPadding);
  const count = new Uint32Array(buffer, layout.outlineCountAt, 1);
  return {
    record,
    members: new Uint32Array(buffer, layout.outlineAt, layout.mostOutlined * 4),
    outline: (length) => {
      record.fill(0, length, length + layout.blockPadding);
      if (exports.outline(length) === 0) return -1;
      return count[0]! > layout.mostOutlined ? 0 : count[0]! * 4;
    },
  };
};
