import { type State, StateFull } from "../../state.ts";
import { TimedKeys } from "../../timed-keys/timed-keys.ts";
import { idsOf } from "./chunks.ts";
import { Group } from "./group.ts";
import { RecentGroups } from "./recent-groups.ts";
import { decodeChunk, decodeGroup, encodeChunk } from "./stored.ts";

/** The groups of a rule in its state, each with the time when it is over. Those that were used last are at hand. */
export class Groups {
  readonly #keys: TimedKeys;
  readonly #chunks: State;
  readonly #kept: number;
  readonly #recent = new RecentGroups();

  /** `kept`: how long after the time of its latest event a group is kept, in milliseconds. */
  constructor(state: State, kept: number) {
    this.#keys = new TimedKeys(state);
    this.#chunks = state.scope("chunks");
    this.#kept = kept;
  }

  /** A group, which may be changed, and must be given back: to `store` if it was changed, otherwise to `putBack`. */
  take(key: string): Group | undefined {
    const text = this.#keys.get(key);
    const recent = this.#recent.take(key, text);
    if (text === undefined || recent) return recent;
    const { chunks: ids, sightings, ...record } = decodeGroup(text);
    const chunks = idsOf(ids).map((id) => ({
      id,
      sightings: decodeChunk(this.#chunks.get(chunkKey(key, id)) ?? "[]"),
    }));
    return new Group({
      ...record,
      sightings: [...chunks.flatMap((chunk) => chunk.sightings), ...sightings],
      chunks: chunks.map((chunk) => ({ id: chunk.id, length: chunk.sightings.length })),
    });
  }

  putBack(key: string, group: Group): void {
    const text = this.#keys.get(key);
    if (text !== undefined) this.#recent.put(key, group, text);
  }

  /** Stores what has changed. False if there is no room: then nothing of it is stored. */
  store(key: string, group: Group): boolean {
    const undo: (() => void)[] = [];
    try {
      this.#recent.put(key, group, this.#write(key, group, undo));
      return true;
    } catch (error) {
      if (!(error instanceof StateFull)) throw error;
      for (const each of undo.toReversed()) each();
      return false;
    }
  }

  /** Forgets the groups that are over by now. */
  tick(now: number): void {
    this.#keys.tick({ now, final: false }, (key, text) => {
      const { newest, chunks } = decodeGroup(text);
      const due = this.#dueOf(newest);
      if (due > now) return { value: text, due };
      for (const id of idsOf(chunks)) this.#chunks.delete(chunkKey(key, id));
      return undefined;
    });
  }

  /** Gives what is stored of the group itself. First comes what makes room; `undo` gets what takes back the writes so far. */
  #write(key: string, group: Group, undo: (() => void)[]): string {
    const { text, written, deleted } = group.changes();
    const before = this.#keys.get(key);
    const due = this.#dueOf(group.newest);
    const writeGroup = () => {
      this.#keys.set(key, text, due);
      undo.push(() => (before === undefined ? this.#keys.delete(key) : this.#keys.set(key, before, due)));
    };
    for (const id of deleted) this.#change(chunkKey(key, id), undefined, undo);
    const isShorter = before !== undefined && text.length <= before.length;
    if (isShorter) writeGroup();
    for (const { id, from, to } of written)
      this.#change(chunkKey(key, id), encodeChunk(group.timeline.slice(from, to)), undo);
    if (!isShorter) writeGroup();
    return text;
  }

  #change(key: string, text: string | undefined, undo: (() => void)[]): void {
    const before = this.#chunks.get(key);
    const write = (value: string | undefined) =>
      value === undefined ? this.#chunks.delete(key) : this.#chunks.set(key, value);
    write(text);
    undo.push(() => write(before));
  }

  #dueOf(newest: number): number {
    return newest + this.#kept + 1;
  }
}

const chunkKey = (key: string, id: number): string => `${key} ${id}`;
