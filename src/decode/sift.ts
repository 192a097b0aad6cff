import type { ScannedAhead } from "../scan/ahead/scanned-ahead.ts";
import { longestRecord } from "../scan/limits.ts";
import type { Records } from "./framing/framing.ts";
import type { NewlineFraming } from "./framing/newline.ts";
import type { LinePasser } from "./options.ts";

export interface Sifting {
  readonly block: Buffer;
  /** Offset of the block in its stream. */
  readonly position: number;
  readonly records: Records;
  readonly framing: NewlineFraming;
  readonly passer: LinePasser;
  /** What was found in the block before. */
  readonly ahead?: ScannedAhead | undefined;
}

const lineFeed = 0x0a;

/** Passes on a record that the framing has put together from several blocks, unless nobody can want it. */
const sifted = (records: Records, passer: LinePasser): Records => ({
  record: (block, start, end, position, shared) => {
    // The first record may begin with a byte order mark.
    const isPassed =
      position > 0 && end > start && end - start <= longestRecord && isUnwanted(block, start, end, passer);
    if (isPassed) records.passed?.(1);
    else records.record(block, start, end, position, shared);
  },
  oversize: (record) => records.oversize(record),
  zeros: (count) => records.zeros?.(count),
});

const isUnwanted = (block: Buffer, start: number, end: number, passer: LinePasser): boolean => {
  const line = Buffer.allocUnsafe(end - start + 1);
  block.copy(line, 0, start, end);
  line[end - start] = lineFeed;
  const scanned = passer.lines(line, 0, line.length);
  return typeof scanned !== "number" && scanned.count === 0;
};

/** Pushes a block without the lines that nobody can want. What is not certain about a line is left to the framing. */
export const pushSifted = ({ block, position, records, framing, passer, ahead }: Sifting): void => {
  const push = (start: number, end: number) => framing.push(block.subarray(start, end), position + start, records);
  if (!passer.isReady) {
    push(0, block.length);
    return;
  }
  for (let at = 0; at < block.length; ) {
    if (!framing.isAtLine(position + at)) {
      const start = at;
      at = block.indexOf(lineFeed, at) + 1 || block.length;
      framing.push(block.subarray(start, at), position + start, sifted(records, passer));
      continue;
    }
    const scanned = passer.lines(block, at, block.length, ahead, position);
    if (typeof scanned === "number") {
      push(at, scanned);
      at = scanned;
      continue;
    }
    const { found, count, reached } = scanned;
    for (let index = 0; index < count; ) {
      const { start } = found[index]!;
      let end = found[index++]!.end + 1;
      // Lines that follow each other are pushed together.
      while (index < count && found[index]!.start === end) end = found[index++]!.end + 1;
      framing.passOver(position + start);
      push(start, end);
    }
    framing.passOver(position + reached);
    if (scanned.records > count) records.passed?.(scanned.records - count);
    at = reached;
  }
};
