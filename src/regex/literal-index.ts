import { lowerUnit } from "./required.ts";

/**
 * Finds which of many texts a text contains, in one pass over it, however many there are (Aho and Corasick). Letters of
 * ASCII are equal in both cases.
 */
export class LiteralIndex {
  /** Classes of units: 0 is all that no text contains. */
  readonly #ofAscii = new Uint8Array(128);
  readonly #others = new Map<number, number>();
  #classes = 1;
  /** The next node by node and class; node 0 is the start. */
  readonly #next: Int32Array;
  /** The number of the text that ends at a node, or -1. */
  readonly #ends: Int32Array;
  /** The nearest node at which a shorter text ends, which is a suffix; 0 if there is none. */
  readonly #shorter: Int32Array;

  /** `texts`: none is empty, no two are equal, and their letters of ASCII are in lower case. */
  constructor(texts: readonly string[]) {
    for (const text of texts) for (let at = 0; at < text.length; at++) this.#addClass(text.charCodeAt(at));
    const nodes = 1 + texts.reduce((sum, text) => sum + text.length, 0);
    this.#next = new Int32Array(nodes * this.#classes);
    this.#ends = new Int32Array(nodes).fill(-1);
    this.#shorter = new Int32Array(nodes);
    let free = 1;
    for (const [index, text] of texts.entries()) {
      let node = 0;
      for (let at = 0; at < text.length; at++) {
        const slot = node * this.#classes + this.#classOf(text.charCodeAt(at));
        if (this.#next[slot] === 0) this.#next[slot] = free++;
        node = this.#next[slot]!;
      }
      this.#ends[node] = index;
    }
    this.#link();
  }

  /** Calls `found` with the number of each text that is there, once for each place. */
  scan(text: string, found: (index: number) => void): void {
    const [next, ends, shorter, classes] = [this.#next, this.#ends, this.#shorter, this.#classes];
    let node = 0;
    for (let at = 0; at < text.length; at++) {
      node = next[node * classes + this.#classOf(lowerUnit(text.charCodeAt(at)))]!;
      for (let end = ends[node] === -1 ? shorter[node]! : node; end !== 0; end = shorter[end]!) found(ends[end]!);
    }
  }

  #addClass(unit: number): void {
    if (this.#classOf(unit) > 0) return;
    if (unit < 128) this.#ofAscii[unit] = this.#classes++;
    else this.#others.set(unit, this.#classes++);
  }

  #classOf(unit: number): number {
    return unit < 128 ? this.#ofAscii[unit]! : (this.#others.get(unit) ?? 0);
  }

  /** Fills in where each node goes on if its text goes on differently, breadth first. */
  #link(): void {
    const [next, ends, shorter, classes] = [this.#next, this.#ends, this.#shorter, this.#classes];
    const suffix = new Int32Array(ends.length);
    const queue: number[] = [];
    for (let one = 0; one < classes; one++) if (next[one] !== 0) queue.push(next[one]!);
    for (let at = 0; at < queue.length; at++) {
      const node = queue[at]!;
      const other = suffix[node]!;
      shorter[node] = ends[other] === -1 ? shorter[other]! : other;
      for (let one = 0; one < classes; one++) {
        const child = next[node * classes + one]!;
        const fallback = next[other * classes + one]!;
        if (child === 0) next[node * classes + one] = fallback;
        else {
          suffix[child] = fallback;
          queue.push(child);
        }
      }
    }
  }
}
