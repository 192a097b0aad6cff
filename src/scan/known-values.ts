import type { Engine } from "./engine.ts";
import * as layout from "./layout.ts";
import { longestValue } from "./limits.ts";
import type { Alternatives } from "./plan.ts";
import { leafSetAt, setBytesOf, writeSet } from "./sets.ts";

/** What an engine knows of values: a hash table in its memory. Equal sets of alternatives are kept once. */
export class KnownValues {
  readonly #engine: Engine;
  readonly #bytes: Uint8Array;
  readonly #numbers: Uint32Array;
  readonly #alternatives: number;
  readonly #leaves: number;
  readonly #sets = new Map<string, number>();
  #known = 0;
  #valuesEnd = layout.valuesAt;
  #setsEnd = layout.knownSetsAt;

  constructor(engine: Engine, leaves: number, alternatives: number) {
    this.#engine = engine;
    this.#bytes = new Uint8Array(engine.memory);
    this.#numbers = new Uint32Array(engine.memory);
    this.#leaves = leaves;
    this.#alternatives = alternatives;
  }

  /** As `Scanner.learn`. */
  learn(leaf: number, json: Uint8Array, alternatives: Alternatives): boolean {
    this.#check(leaf);
    if (json.length === 0 || json.length > longestValue)
      throw new RangeError(`A known value has 1 to ${longestValue} bytes; this one has ${json.length}.`);
    // The block is not needed any more.
    this.#bytes.set(json, layout.blockAt);
    const hash = this.#engine.hash(leaf, layout.blockAt, json.length) >>> 0;
    const slot = this.#slot(hash, leaf, json);
    const set = this.#set(alternatives);
    if (set === undefined) return this.#forget();
    const known = this.#numbers[slot + 1]!;
    if (known !== 0) {
      this.#numbers[(known + layout.valueSetOffset) >> 2] = set;
      return true;
    }
    const at = this.#valuesEnd;
    const end = at + layout.valueBytesOffset + Math.ceil((json.length + 16) / 16) * 16;
    if (this.#known === layout.mostKnown || end > layout.valuesAt + layout.valuesBytes) return this.#forget();
    this.#known++;
    this.#valuesEnd = end;
    this.#bytes.set(json, at + layout.valueBytesOffset);
    this.#numbers[at >> 2] = leaf;
    this.#numbers[(at + layout.valueLengthOffset) >> 2] = json.length;
    this.#numbers[(at + layout.valueSetOffset) >> 2] = set;
    this.#numbers[slot] = hash;
    this.#numbers[slot + 1] = at;
    return true;
  }

  /** As `Scanner.open`. */
  open(leaf: number, alternatives: Alternatives): void {
    this.#check(leaf);
    writeSet(this.#numbers, leafSetAt(leaf, "open"), alternatives, this.#alternatives);
    this.#numbers[(layout.leavesAt + leaf * layout.leafBytes + layout.openOffset) >> 2] = leafSetAt(leaf, "open");
  }

  /** The index, in numbers, of the slot that a value has or would have. */
  #slot(hash: number, leaf: number, json: Uint8Array): number {
    for (let slot = hash; ; slot++) {
      const index = (layout.slotsAt + (slot & (layout.slotCount - 1)) * layout.slotBytes) >> 2;
      const at = this.#numbers[index + 1]!;
      if (at === 0) return index;
      if (this.#numbers[index] !== hash || this.#numbers[at >> 2] !== leaf) continue;
      if (this.#numbers[(at + layout.valueLengthOffset) >> 2] !== json.length) continue;
      const start = at + layout.valueBytesOffset;
      if (Buffer.compare(this.#bytes.subarray(start, start + json.length), json) === 0) return index;
    }
  }

  /** The address of a set, or `undefined` if there is no room for another. */
  #set(alternatives: Alternatives): number | undefined {
    const setBytes = setBytesOf(this.#alternatives);
    writeSet(this.#numbers, layout.currentSetAt, alternatives, this.#alternatives);
    const key = Buffer.from(this.#engine.memory, layout.currentSetAt, setBytes).toString("latin1");
    const kept = this.#sets.get(key);
    if (kept !== undefined) return kept;
    const at = this.#setsEnd;
    if (at + setBytes > layout.knownSetsAt + layout.knownSetsBytes) return undefined;
    this.#bytes.copyWithin(at, layout.currentSetAt, layout.currentSetAt + setBytes);
    this.#sets.set(key, at);
    this.#setsEnd += setBytes;
    return at;
  }

  #forget(): false {
    this.#numbers.fill(0, layout.slotsAt >> 2, (layout.slotsAt + layout.slotCount * layout.slotBytes) >> 2);
    this.#sets.clear();
    this.#known = 0;
    this.#valuesEnd = layout.valuesAt;
    this.#setsEnd = layout.knownSetsAt;
    return false;
  }

  #check(leaf: number): void {
    if (!Number.isInteger(leaf) || leaf < 0 || leaf >= this.#leaves)
      throw new RangeError(`The plan has no leaf ${leaf}.`);
  }
}
