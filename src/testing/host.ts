import type { Checkpoint, Reading } from "../plugin.ts";

/** One record as the host decodes it: a line without its newline. */
export interface Line {
  readonly stream: string;
  /** Byte offset of its first byte in the stream. */
  readonly position: number;
  readonly text: string;
}

/** Records what a source's readings amount to once they are committed. */
export interface RecordingHost {
  /** Receives a reading and commits it immediately. */
  take(reading: Reading): void;
  /** Every committed line, in the order of the commits. */
  readonly lines: readonly Line[];
  /** The checkpoints that the source gets when it is started again. */
  readonly checkpoints: Map<string, Checkpoint>;
  /** Discards incomplete lines, as a crash does. The checkpoints stay. */
  crash(): void;
}

interface Carry {
  readonly position: number;
  readonly bytes: Buffer;
}

/**
 * Plays the host for a source, with the simplest correct code: splits lines, keeps checkpoints of complete lines, and
 * follows `end` and `forget`. It throws if the readings of a stream leave a gap or overlap.
 */
export const recordingHost = (): RecordingHost => {
  const lines: Line[] = [];
  const checkpoints = new Map<string, Checkpoint>();
  const carries = new Map<string, Carry>();

  const decode = ({ stream, position, bytes, end }: Reading): number => {
    const carry = carries.get(stream);
    const expected = carry ? carry.position + carry.bytes.length : checkpoints.get(stream)?.position;
    if (expected !== undefined && position !== expected)
      throw new Error(
        `the reading of stream "${stream}" starts at byte ${position}; it must start at byte ${expected}`,
      );
    let rest = Buffer.concat([carry?.bytes ?? Buffer.alloc(0), bytes]);
    let at = carry?.position ?? position;
    for (let newline = rest.indexOf(10); newline >= 0; newline = rest.indexOf(10)) {
      lines.push({ stream, position: at, text: rest.toString("utf8", 0, newline) });
      rest = rest.subarray(newline + 1);
      at += newline + 1;
    }
    if (end && rest.length > 0) {
      lines.push({ stream, position: at, text: rest.toString("utf8") });
      at += rest.length;
      rest = Buffer.alloc(0);
    }
    carries.set(stream, { position: at, bytes: Buffer.from(rest) });
    return at;
  };

  return {
    lines,
    checkpoints,
    take(reading) {
      const position = decode(reading);
      const detail = reading.detail ?? checkpoints.get(reading.stream)?.detail ?? null;
      if (reading.forget) checkpoints.delete(reading.stream);
      // Keep what would come back from disk.
      else checkpoints.set(reading.stream, { position, detail: structuredClone(detail) });
      if (reading.end) carries.delete(reading.stream);
      reading.settled?.("committed");
    },
    crash: () => carries.clear(),
  };
};
