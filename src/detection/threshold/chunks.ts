/** How many sightings are in a chunk when it is made. At twice as many, it is divided. */
const chunkSize = 32;

/** A part of a group's sightings that is stored by itself. */
export interface Chunk {
  readonly id: number;
  length: number;
}

/**
 * How the sightings of a group are divided, in their order: chunks, and the rest, which is stored with the group itself. So
 * one more sighting changes one part, however many there are. Knows which chunks are to be written and deleted.
 */
export class Chunks {
  readonly #chunks: Chunk[];
  /** How many sightings are in chunks. */
  #length: number;
  readonly #changed = new Set<Chunk>();
  readonly #gone: number[] = [];
  #text: string | undefined;

  constructor(chunks: readonly Chunk[]) {
    this.#chunks = [...chunks];
    this.#length = chunks.reduce((sum, { length }) => sum + length, 0);
  }

  get length(): number {
    return this.#length;
  }

  /** Their ids in order; see `idsOf`. */
  get text(): string {
    this.#text ??= idsText(this.#chunks.map(({ id }) => id));
    return this.#text;
  }

  /** One more sighting is at this place. */
  inserted(place: number): void {
    if (place >= this.#length) return;
    let index = this.#chunks.length - 1;
    for (let start = this.#length; ; index--) {
      start -= this.#chunks[index]!.length;
      if (start <= place) break;
    }
    const chunk = this.#chunks[index]!;
    chunk.length++;
    this.#length++;
    this.#changed.add(chunk);
    if (chunk.length < 2 * chunkSize) return;
    chunk.length -= chunkSize;
    this.#insert(index + 1);
    this.#length -= chunkSize;
  }

  /** The first sightings are left out. What is left of a chunk is written again only if `isNow`. */
  leftOutFirst(count: number, isNow: boolean): void {
    let left = Math.min(count, this.#length);
    this.#length -= left;
    let whole = 0;
    for (; whole < this.#chunks.length && this.#chunks[whole]!.length <= left; whole++) {
      const chunk = this.#chunks[whole]!;
      left -= chunk.length;
      this.#changed.delete(chunk);
      this.#gone.push(chunk.id);
    }
    if (whole > 0) {
      this.#chunks.splice(0, whole);
      this.#text = undefined;
    }
    if (left === 0) return;
    this.#chunks[0]!.length -= left;
    if (isNow) this.#changed.add(this.#chunks[0]!);
  }

  /**
   * What has changed since the last time: the chunks to write, with their places, and the ids of those to delete. When the
   * rest of these sightings has become long, the oldest of it are made chunks before.
   */
  changes(sightings: number): {
    readonly written: readonly { readonly id: number; readonly from: number; readonly to: number }[];
    readonly deleted: readonly number[];
  } {
    while (sightings - this.#length >= 2 * chunkSize) this.#insert(this.#chunks.length);
    const deleted = this.#gone.splice(0);
    if (this.#changed.size === 0) return { written: [], deleted };
    const written: { id: number; from: number; to: number }[] = [];
    let from = 0;
    for (const chunk of this.#chunks) {
      const to = from + chunk.length;
      if (this.#changed.has(chunk)) written.push({ id: chunk.id, from, to });
      from = to;
    }
    this.#changed.clear();
    return { written, deleted };
  }

  #insert(index: number): void {
    const id = this.#chunks.reduce((most, chunk) => Math.max(most, chunk.id), 0) + 1;
    const chunk = { id, length: chunkSize };
    this.#chunks.splice(index, 0, chunk);
    this.#text = undefined;
    this.#length += chunkSize;
    this.#changed.add(chunk);
  }
}

/** Each run of ids that follow one another is one part, such as `3-9,12`. */
const idsText = (ids: readonly number[]): string => {
  const runs: [first: number, last: number][] = [];
  for (const id of ids) {
    const run = runs.at(-1);
    if (run && id === run[1] + 1) run[1] = id;
    else runs.push([id, id]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
};

/** The ids in the text of chunks. */
export const idsOf = (text: string): readonly number[] =>
  text === ""
    ? []
    : text.split(",").flatMap((run) => {
        const [first, last = first] = run.split("-").map(Number) as [number, number?];
        return Array.from({ length: last - first + 1 }, (_, index) => first + index);
      });
