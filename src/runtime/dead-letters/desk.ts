import { unlinkSync } from "node:fs";
import { join } from "node:path";
import type { DeadLetterChange, Place } from "../../storage/database.ts";
import type { DeadLetterIndex } from "../../storage/dead-letter-index.ts";
import { segmentName } from "../../storage/segments.ts";
import { emptiedSegments } from "../../storage/tidy-dead-letters.ts";
import { type DeadLetter, readDeadLetters } from "./letter-files.ts";
import { isMeant, type Selector, Unmet } from "./selector.ts";

/** A letter that was not taken back, and why: it stays where it is. */
export interface RefusedReplay {
  readonly letter: DeadLetter;
  readonly why: string;
}

export interface DeskOptions {
  /** Where the segment files are. */
  readonly directory: string;
  readonly index: DeadLetterIndex;
  /** How far the letters are committed; `undefined` when there never was one. */
  readonly end: () => Place | undefined;
  /** Makes the changes true; rejects when that cannot be any more. */
  readonly commit: (changes: readonly DeadLetterChange[]) => Promise<void>;
  /**
   * Takes letters that one component rejected back into the pipeline, and resolves when they are committed there, and
   * as gone here, together; those that it refuses stay. Without it, letters are marked for the next start.
   */
  readonly readmit?: (component: string, letters: readonly DeadLetter[]) => Promise<readonly RefusedReplay[]>;
  /** Bytes of letters that are gone: their room is free. */
  readonly freed?: (bytes: number) => void;
}

export interface Purged {
  readonly purged: number;
  readonly bytes: number;
  /** Ids that no letter has. */
  readonly unknown: readonly string[];
}

export interface Replayed {
  readonly replayed: number;
  /** To be replayed at the next start. */
  readonly marked: number;
  /** Those that stay, by the reason why; `id` is the first of them. */
  readonly refused: readonly { readonly why: string; readonly count: number; readonly id: string }[];
  /** Ids that no letter has. */
  readonly unknown: readonly string[];
}

const batchLetters = 256;

/** Looks through the dead letters, and lets them go: for good, or back into the pipeline. */
export class DeadLetterDesk {
  readonly #options: DeskOptions;
  /** Letters that are being purged or replayed: nobody else is to do so too. */
  readonly #claimed = new Set<string>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** The letters meant, as of now, oldest first. */
  async *letters(selector: Selector): AsyncGenerator<DeadLetter> {
    const { directory, index, end } = this.#options;
    const until = end();
    if (!until) return;
    for await (const letter of readDeadLetters(directory, until, index)) if (isMeant(letter, selector)) yield letter;
  }

  async purge(selector: Selector): Promise<Purged> {
    const unmet = new Unmet(selector);
    let [purged, bytes] = [0, 0];
    for await (const batch of this.#batches(this.letters(selector), unmet)) {
      await this.#options.commit(batch.map(goneOf));
      bytes += this.#settle(batch);
      purged += batch.length;
    }
    return { purged, bytes, unknown: unmet.ids };
  }

  replay(selector: Selector): Promise<Replayed> {
    return this.#replay(this.letters(selector), new Unmet(selector));
  }

  /** Replays what was marked while weir was stopped; a mark is gone when it was tried. */
  async replayMarked(): Promise<Replayed> {
    const refused: DeadLetter[] = [];
    const replayed = await this.#replay(marked(this.letters({})), new Unmet({}), (letter) => refused.push(letter));
    for (const letter of refused) await this.#commit([changeOf(letter, "kept")]);
    return replayed;
  }

  async #replay(
    letters: AsyncIterable<DeadLetter>,
    unmet: Unmet,
    onRefused: (letter: DeadLetter) => void = () => undefined,
  ): Promise<Replayed> {
    const told = { replayed: 0, marked: 0, refused: new Map<string, { count: number; readonly id: string }>() };
    for await (const batch of this.#batches(letters, unmet))
      if (this.#options.readmit) {
        const refused = await this.#readmit(this.#options.readmit, batch);
        told.replayed += batch.length - refused.length;
        for (const { letter, why } of refused) {
          onRefused(letter);
          const entry = told.refused.get(why) ?? { count: 0, id: letter.id };
          told.refused.set(why, entry);
          entry.count++;
        }
      } else {
        await this.#commit(batch.map((letter) => changeOf(letter, "replay")));
        told.marked += batch.length;
      }
    return { ...told, refused: [...told.refused].map(([why, entry]) => ({ why, ...entry })), unknown: unmet.ids };
  }

  /** A batch may be of several components: each takes its own. */
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

  /** What is committed as gone leaves no trace: its room, and the segments of which nothing is left. */
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

  /** Batches of letters that nobody else has under way; they are claimed until the next batch is asked for. */
  async *#batches(letters: AsyncIterable<DeadLetter>, unmet: Unmet): AsyncGenerator<readonly DeadLetter[]> {
    let batch: DeadLetter[] = [];
    try {
      for await (const letter of letters) {
        unmet.meet(letter);
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

/** Told by commit that a letter is in the dead letter no more. */
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
    // A file that cannot be removed costs room, nothing else; the next start tries again.
  }
};
