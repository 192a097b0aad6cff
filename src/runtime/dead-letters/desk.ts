import { unlinkSync } from "node:fs";
import { join } from "node:path";
import type { DeadLetterChange, Place } from "../../storage/database.ts";
import type { DeadLetterIndex } from "../../storage/dead-letter-index.ts";
import { segmentName } from "../../storage/segments.ts";
import { emptiedSegments } from "../../storage/tidy-dead-letters.ts";
import { type DeadLetter, readDeadLetters } from "./letter-files.ts";
import { isSelected, type Selector, UnmatchedIds } from "./selector.ts";

/** A dead letter that could not be replayed, and why. It stays in the dead letter. */
export interface RefusedReplay {
  readonly letter: DeadLetter;
  readonly why: string;
}

export interface DeskOptions {
  /** Directory of the segment files. */
  readonly directory: string;
  readonly index: DeadLetterIndex;
  /** The end of the committed dead letters; `undefined` if there never was one. */
  readonly end: () => Place | undefined;
  /** Commits the changes. Rejects if weir stops before. */
  readonly commit: (changes: readonly DeadLetterChange[]) => Promise<void>;
  /**
   * Sends dead letters of one component back into the pipeline. Resolves, with those it refused, when the others are
   * committed in the pipeline and as gone from the dead letter, together. Without it, letters are marked for replay at the
   * next start.
   */
  readonly readmit?: (component: string, letters: readonly DeadLetter[]) => Promise<readonly RefusedReplay[]>;
  /** Called with the number of bytes that removed letters have freed. */
  readonly freed?: (bytes: number) => void;
}

export interface Purged {
  readonly purged: number;
  readonly bytes: number;
  /** Requested ids that match no letter. */
  readonly unknown: readonly string[];
}

export interface Replayed {
  readonly replayed: number;
  /** Number of letters marked for replay at the next start. */
  readonly marked: number;
  /** Letters that were not replayed, grouped by reason; `id` is the first of each group. */
  readonly refused: readonly { readonly why: string; readonly count: number; readonly id: string }[];
  /** Requested ids that match no letter. */
  readonly unknown: readonly string[];
}

/** The largest number of letters that are purged or replayed in one commit. */
const batchLetters = 256;

/** Lists, purges and replays dead letters. */
export class DeadLetterDesk {
  readonly #options: DeskOptions;
  /** Ids of the letters that are being purged or replayed. Other calls skip them. */
  readonly #claimed = new Set<string>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** The dead letters that match the selector at the time of the call, oldest first. */
  async *letters(selector: Selector): AsyncGenerator<DeadLetter> {
    const { directory, index, end } = this.#options;
    const until = end();
    if (!until) return;
    for await (const letter of readDeadLetters(directory, until, index)) if (isSelected(letter, selector)) yield letter;
  }

  async purge(selector: Selector): Promise<Purged> {
    const unmatched = new UnmatchedIds(selector);
    let [purged, bytes] = [0, 0];
    for await (const batch of this.#batches(this.letters(selector), unmatched)) {
      await this.#options.commit(batch.map(goneOf));
      bytes += this.#settle(batch);
      purged += batch.length;
    }
    return { purged, bytes, unknown: unmatched.ids };
  }

  replay(selector: Selector): Promise<Replayed> {
    return this.#replay(this.letters(selector), new UnmatchedIds(selector));
  }

  /** Replays the letters that were marked while weir was stopped. Clears the marks of those that cannot be replayed. */
  async replayMarked(): Promise<Replayed> {
    const refused: DeadLetter[] = [];
    const replayed = await this.#replay(marked(this.letters({})), new UnmatchedIds({}), (letter) =>
      refused.push(letter),
    );
    for (const letter of refused) await this.#commit([changeOf(letter, "kept")]);
    return replayed;
  }

  async #replay(
    letters: AsyncIterable<DeadLetter>,
    unmatched: UnmatchedIds,
    onRefused: (letter: DeadLetter) => void = () => undefined,
  ): Promise<Replayed> {
    const total = { replayed: 0, marked: 0, refused: new Map<string, { count: number; readonly id: string }>() };
    for await (const batch of this.#batches(letters, unmatched))
      if (this.#options.readmit) {
        const refused = await this.#readmit(this.#options.readmit, batch);
        total.replayed += batch.length - refused.length;
        for (const { letter, why } of refused) {
          onRefused(letter);
          const entry = total.refused.get(why) ?? { count: 0, id: letter.id };
          total.refused.set(why, entry);
          entry.count++;
        }
      } else {
        await this.#commit(batch.map((letter) => changeOf(letter, "replay")));
        total.marked += batch.length;
      }
    return { ...total, refused: [...total.refused].map(([why, entry]) => ({ why, ...entry })), unknown: unmatched.ids };
  }

  /** Readmits a batch of letters, component by component. */
  async #readmit(readmit: NonNullable<DeskOptions["readmit"]>, batch: readonly DeadLetter[]): Promise<RefusedReplay[]> {
    const all: RefusedReplay[] = [];
    for (const [component, letters] of Map.groupBy(batch, ({ head }) => head.component)) {
      const refused = await readmit(component, letters);
      for (const one of refused) all.push(one);
      const staying = new Set(refused.map(({ letter }) => letter));
      this.#settle(letters.filter((letter) => !staying.has(letter)));
    }
    return all;
  }

  async #commit(changes: readonly DeadLetterChange[]): Promise<void> {
    await this.#options.commit(changes);
    this.#options.index.apply(changes);
  }

  /** Frees the space of letters that are committed as gone, and removes segments that have no letters left. Returns bytes. */
  #settle(letters: readonly DeadLetter[]): number {
    const { directory, index, end, freed } = this.#options;
    index.apply(letters.map(goneOf));
    const bytes = letters.reduce((total, { size }) => total + size, 0);
    freed?.(bytes);
    const until = end();
    for (const segment of until ? emptiedSegments(directory, until, index) : [])
      removeIfThere(join(directory, segmentName(segment)));
    return bytes;
  }

  /** Batches of letters that no other call is working on. They stay claimed until the next batch is requested. */
  async *#batches(letters: AsyncIterable<DeadLetter>, unmatched: UnmatchedIds): AsyncGenerator<readonly DeadLetter[]> {
    let batch: DeadLetter[] = [];
    try {
      for await (const letter of letters) {
        unmatched.remove(letter);
        if (this.#claimed.has(letter.id) || this.#options.index.stateOf(letter) === "gone") continue;
        this.#claimed.add(letter.id);
        if (batch.push(letter) < batchLetters) continue;
        yield batch;
        for (const { id } of batch) this.#claimed.delete(id);
        batch = [];
      }
      if (batch.length > 0) yield batch;
    } finally {
      for (const { id } of batch) this.#claimed.delete(id);
    }
  }
}

/** The change that removes a letter from the dead letter. */
export const goneOf = (letter: DeadLetter): DeadLetterChange => changeOf(letter, "gone");

const changeOf = ({ segment, offset, size }: DeadLetter, state: DeadLetterChange["state"]): DeadLetterChange => ({
  segment,
  offset,
  size,
  state,
});

async function* marked(letters: AsyncIterable<DeadLetter>): AsyncGenerator<DeadLetter> {
  for await (const letter of letters) if (letter.marked) yield letter;
}

const removeIfThere = (path: string): void => {
  try {
    unlinkSync(path);
  } catch {
    // A file that cannot be removed only takes up space; the next start tries again.
  }
};
