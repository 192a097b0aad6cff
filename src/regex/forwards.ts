import type { Backwards, Rest } from "./automaton.ts";
import { op, type Program } from "./program.ts";

/** No way leads on from here: nothing matches. */
export const noWay = -2;
/** The match is complete. */
const done = -1;

/** The index of a rest is below this, so that a place and a rest are one number. */
export const mostRests = 1 << 13;

/**
 * The way of a match through the automaton, from its start on: at each fork the preferred branch of those that can still
 * match. Which one that is was found backwards, so no way is taken twice.
 */
export class Forwards {
  readonly #program: Program;
  readonly #backwards: Backwards;
  /** A place: a state at which a way goes on, and the class of the character before it. */
  readonly #places = new Map<number, number>();
  #states: number[] = [];
  #befores: number[] = [];
  /** The moves that set slots, or lead to no place: their targets, and the slots. */
  #targets: number[] = [];
  #tags: (readonly number[])[] = [];
  /** The moves by place and rest, in an open hash table: the place behind the next character, or -1 - an index above. */
  #keys = new Int32Array(1024).fill(-1);
  #moves = new Int32Array(1024);
  #size = 0;
  readonly #from: Int32Array;
  readonly #stack: Int32Array;

  constructor(program: Program, backwards: Backwards) {
    this.#program = program;
    this.#backwards = backwards;
    this.#from = new Int32Array(program.ops.length);
    this.#stack = new Int32Array(4 * program.ops.length + 4);
  }

  /** Forgets all moves: the indexes of rests mean something else now. */
  forget(): void {
    this.#targets = [];
    this.#tags = [];
    this.#keys = new Int32Array(1024).fill(-1);
    this.#moves = new Int32Array(1024);
    this.#size = 0;
  }

  /** The number of moves that are known. */
  get size(): number {
    return this.#size;
  }

  place(state: number, before: number): number {
    const { looksBack, classes } = this.#program;
    const key = state * (classes.count + 1) + (looksBack[state] ? before : classes.none);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = this.#states.length;
    this.#places.set(key, place);
    this.#states.push(state);
    this.#befores.push(before);
    return place;
  }

  /** The place behind the next character, `done` or `noWay`. Sets the slots on the way to `at`. */
  move(place: number, rest: number, slots: Int32Array, at: number): number {
    const keys = this.#keys;
    const key = place * mostRests + rest;
    const mask = keys.length - 1;
    let slot = (Math.imul(key, 0x9e3779b1) >>> 7) & mask;
    while (keys[slot] !== key) {
      if (keys[slot] === -1) {
        slot = this.#learn(place, rest, key);
        break;
      }
      slot = (slot + 1) & mask;
    }
    const move = this.#moves[slot]!;
    return move >= 0 ? move : this.#ending(-move - 1, slots, at);
  }

  /** A move that sets slots, or leads nowhere. */
  #ending(index: number, slots: Int32Array, at: number): number {
    for (const tag of this.#tags[index]!) slots[tag] = at;
    return this.#targets[index]!;
  }

  #learn(place: number, rest: number, key: number): number {
    if (2 * this.#size >= this.#keys.length) this.#grow();
    const slot = this.#slotFor(key);
    this.#keys[slot] = key;
    this.#moves[slot] = this.#find(place, this.#backwards.rest(rest));
    this.#size++;
    return slot;
  }

  #slotFor(key: number): number {
    const mask = this.#keys.length - 1;
    let slot = (Math.imul(key, 0x9e3779b1) >>> 7) & mask;
    while (this.#keys[slot] !== -1) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, moves] = [this.#keys, this.#moves];
    this.#keys = new Int32Array(2 * keys.length).fill(-1);
    this.#moves = new Int32Array(2 * keys.length);
    for (const [at, key] of keys.entries())
      if (key !== -1) {
        const slot = this.#slotFor(key);
        this.#keys[slot] = key;
        this.#moves[slot] = moves[at]!;
      }
  }

  /** The index of the move from a place: depth first, the preferred branch before the other. */
  #find(place: number, rest: Rest): number {
    const { ops, next, other, allows, isBefore } = this.#program;
    const before = this.#befores[place]!;
    const looks = this.#program.looks.length > 0 ? this.#backwards.looks(rest.index, before) : [];
    const [from, stack] = [this.#from.fill(-2), this.#stack];
    let size = 0;
    const visit = (state: number, source: number): void => {
      stack[size++] = source;
      stack[size++] = state;
    };
    visit(this.#states[place]!, -1);
    while (size > 0) {
      const state = stack[--size]!;
      const source = stack[--size]!;
      if (from[state] !== -2) continue;
      from[state] = source;
      const kind = ops[state];
      if (kind === op.accept) return this.#add(state, done);
      if (kind === op.consume) {
        if ((rest.alive[state >> 5]! >>> (state & 31)) & 1)
          return this.#add(state, this.place(next[state]!, rest.next));
        continue;
      }
      if (kind === op.edge && allows[state]![isBefore[state] ? before : rest.next] === 0) continue;
      if (kind === op.look && !looks[other[state]!]) continue;
      if (kind === op.fork) visit(other[state]!, state);
      visit(next[state]!, state);
    }
    return this.#special(noWay, []);
  }

  #add(end: number, target: number): number {
    const { ops, other } = this.#program;
    const tags: number[] = [];
    for (let state = end; state >= 0; state = this.#from[state]!) if (ops[state] === op.tag) tags.push(other[state]!);
    return tags.length === 0 && target >= 0 ? target : this.#special(target, tags.reverse());
  }

  #special(target: number, tags: readonly number[]): number {
    this.#targets.push(target);
    this.#tags.push(tags);
    return -this.#targets.length;
  }
}
