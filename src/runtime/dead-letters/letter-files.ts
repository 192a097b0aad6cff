import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Place } from "../../storage/database.ts";
import type { DeadLetterIndex } from "../../storage/dead-letter-index.ts";
import { decodeFrame } from "../../storage/frame.ts";
import { listSegments, segmentName } from "../../storage/segments.ts";
import type { DeadLetterHead } from "./dead-letters.ts";

/** A dead letter, read from its segment file. */
export interface DeadLetter extends Place {
  /** Segment and byte offset, such as `1-4096`. It stays the same as long as the letter exists. */
  readonly id: string;
  /** Size of its frame in bytes. */
  readonly size: number;
  readonly head: DeadLetterHead;
  /** One line of JSON: the event's data, or the record as `raw` or `raw_base64`. */
  readonly data: string;
  /** Whether it is marked for replay at the next start. */
  readonly marked: boolean;
}

/** Reads the dead letters before `end` that are not gone, oldest first. Skips a segment that is removed meanwhile. */
export async function* readDeadLetters(
  directory: string,
  end: Place,
  index: DeadLetterIndex,
): AsyncGenerator<DeadLetter> {
  for (const segment of listSegments(directory)) {
    if (segment > end.segment) return;
    const bytes = await readSegment(join(directory, segmentName(segment)));
    const committed = segment < end.segment ? bytes : bytes.subarray(0, end.offset);
    for (const letter of lettersIn(committed, segment)) {
      const state = index.stateOf(letter);
      if (state !== "gone") yield { ...letter, marked: state === "replay" };
    }
  }
}

const readSegment = async (path: string): Promise<Buffer> => {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
};

function* lettersIn(bytes: Buffer, segment: number): Generator<Omit<DeadLetter, "marked">> {
  for (let offset = 0; offset < bytes.length; ) {
    const frame = decodeFrame(bytes, offset);
    const size = "wanted" in frame ? bytes.length - offset : frame.size;
    const id = `${segment}-${offset}`;
    if ("wanted" in frame || frame.damaged) yield { id, segment, offset, size, ...damagedLetter(id, size) };
    else yield { id, segment, offset, size, head: JSON.parse(frame.head) as DeadLetterHead, data: frame.data };
    offset += size;
  }
}

/** Represents a damaged frame as a letter, so that it can be listed and purged like any other. */
const damagedLetter = (id: string, size: number): Pick<DeadLetter, "head" | "data"> => ({
  head: {
    id: `dead_letter/${id}`,
    component: "dead_letter",
    reason: "damaged",
    message: `${size} bytes of the dead letter are damaged: the checksum does not match`,
    time: 0,
    attempts: 0,
    source: "dead_letter",
    stream: id,
    position: 0,
    ingested: 0,
  },
  data: "{}",
});
