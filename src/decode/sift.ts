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
}

/** Pushes a block without the lines that nobody can want. What is not certain about a line is left to the framing. */
export const pushSifted = ({ block, position, records, framing, passer }: Sifting): void => {
  const push = (start: number, end: number) => framing.push(block.subarray(start, end), position + start, records);
  if (!passer.isReady) {
    push(0, block.length);
    return;
  }
  for (let at = 0; at < block.length; ) {
    if (!framing.isAtLine(position + at)) {
      const start = at;
      at = block.indexOf(0x0a, at) + 1 || block.length;
      push(start, at);
      continue;
    }
    const sifted = passer.lines(block, at, block.length);
    if (!sifted) {
      push(at, block.length);
      return;
    }
    const { found, count, reached } = sifted;
    for (let index = 0; index < count; ) {
      const { start } = found[index]!;
      let end = found[index++]!.end + 1;
      // Lines that follow each other are pushed together.
      while (index < count && found[index]!.start === end) end = found[index++]!.end + 1;
      framing.passOver(position + start);
      push(start, end);
    }
    framing.passOver(position + reached);
    if (sifted.records > count) records.passed?.(sifted.records - count);
    at = reached;
  }
};
