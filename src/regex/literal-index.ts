import { lowerUnit } from "./required.ts";

/** Beyond this many entries, 16 MiB, a table has only the transitions that there are. */
const mostEntries = 4 * 1024 * 1024;

/**
 * Finds which of many texts a text contains, in one pass over it, however many there are (Aho and Corasick). Unless case
 * counts, letters of ASCII are equal in both cases.
 */
export class LiteralIndex {
  readonly #caseCounts: boolean;
  /** Classes of units: 0 is all that no text contains. */
  readonly #ofAscii = new Uint16Array(128);
  readonly #others = new Map<number, number>();
  #classes = 1;
  /** The next node by node and class; node 0 is the start. Empty for large indexes. */
  readonly #next: Int32Array;
  /** For large indexes: the next node, without those where a text goes on differently. */
  readonly #children = new Map<number, number>();
  /** The node of the longest suffix that is the beginning of a text. */
  readonly #suffix: Int32Array;
  /** The number of the text that ends at a node, or -1. */
  readonly #ends: Int32Array;
  /** The nearest node at which a shorter text ends, which is a suffix; 0 if there is none. */
  readonly #shorter: Int32Array;

  /** `texts`: none is empty, no two are equal, and unless case counts, their letters of ASCII are in lower case. */
  constructor(texts: readonly string[], { caseCounts = false }: { readonly caseCounts?: boolean } = {}) {
    this.#caseCounts = caseCounts;
    for (const text of texts) for (let at = 0; at < text.length; at++) this.#addClass(text.charCodeAt(at));
    const nodes = 1 + texts.reduce((sum, text) => sum + text.length, 0);
    const entries = nodes * this.#classes;
    this.#next = new Int32Array(entries <= mostEntries ? entries : 0);
    this.#suffix = new Int32Array(nodes);
    this.#ends = new Int32Array(nodes).fill(-1);
    this.#shorter = new Int32Array(nodes);
    let free = 1;
    for (const [index, text] of texts.entries()) {
      let node = 0;
      for (let at = 0; at < text.length; at++) {
        const slot = node * this.#classes + this.#classOf(text.charCodeAt(at));
        const child = this.#childAt(slot);
        if (child === 0) this.#setChild(slot, free);
        node = child === 0 ? free++ : child;
      }
      this.#ends[node] = index;
    }
    this.#link();
  }

  /**
   * Calls `found` with the number of each text that is there, once for each place, and the offset of the place's end. It ends
   * when `found` returns true.
   */
  scan(text: string, found: (index: number, end: number) => unknown): void {
    const [ends, shorter, caseCounts] = [this.#ends, this.#shorter, this.#caseCounts];
    let node = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      node = this.#after(node, this.#classOf(caseCounts ? unit : lowerUnit(unit)));
      for (let end = ends[node] === -1 ? shorter[node]! : node; end !== 0; end = shorter[end]!)
        if (found(ends[end]!, at + 1) === true) return;
    }
  }

  #after(from: number, one: number): number {
    if (this.#next.length > 0) return this.#next[from * this.#classes + one]!;
    for (let node = from; ; node = this.#suffix[node]!) {
      const child = this.#children.get(node * this.#classes + one) ?? 0;
      if (child !== 0 || node === 0) return child;
    }
  }

  #childAt(slot: number): number {
    return this.#next.length > 0 ? this.#next[slot]! : (this.#children.get(slot) ?? 0);
  }

  #setChild(slot: number, child: number): void {
    if (this.#next.length > 0) this.#next[slot] = child;
    else this.#children.set(slot, child);
  }

  #addClass(unit: number): void {
    if (this.#classOf(unit) > 0) return;
    if (unit < 128) this.#ofAscii[unit] = this.#classes++;
    else this.#others.set(unit, this.#classes++);
  }

  #classOf(unit: number): number {
    return unit < 128 ? this.#ofAscii[unit]! : (this.#others.get(unit) ?? 0);
  }

  /** Finds the suffix of each node, breadth first, and in a table fills in where its text goes on differently. */
  #link(): void {
    const [next, suffix, classes] = [this.#next, this.#suffix, this.#classes];
    const children = next.length > 0 ? undefined : this.#childrenByNode();
    const queue: number[] = [];
    const reach = (child: number, behind: number) => {
      suffix[child] = behind;
      this.#shorter[child] = this.#ends[behind] === -1 ? this.#shorter[behind]! : behind;
      queue.push(child);
    };
    for (let at = -1; at < queue.length; at++) {
      const node = at < 0 ? 0 : queue[at]!;
      const other = suffix[node]!;
      if (children) {
        for (const [one, child] of children[node] ?? []) reach(child, node === 0 ? 0 : this.#after(other, one));
        continue;
      }
      for (let one = 0; one < classes; one++) {
        const child = next[node * classes + one]!;
        const fallback = node === 0 ? 0 : next[other * classes + one]!;
        if (child === 0) next[node * classes + one] = fallback;
        else reach(child, fallback);
      }
    }
  }

  #childrenByNode(): readonly (readonly (readonly [number, number])[])[] {
    const byNode: [number, number][][] = [];
    for (const [slot, child] of this.#children) {
      const node = Math.floor(slot / this.#classes);
      const known = byNode[node];
      if (known) known.push([slot % this.#classes, child]);
      else byNode[node] = [[slot % this.#classes, child]];
    }
    return byNode;
  }
}
