import { idOf } from "./reference.ts";

/** A component as far as order is concerned. */
interface Linked {
  readonly id: string;
  /** Outputs of other components. */
  readonly inputs: readonly string[];
}

/**
 * Every component after all of its inputs; of those that could come next, always the first in the file. Takes time in
 * proportion to `n log n`. Throws an error if the inputs form a cycle.
 */
export const inOrder = <C extends Linked>(components: readonly C[]): C[] => {
  const readers = new Map<string, number[]>();
  const missing = components.map(({ inputs }, position) => {
    const givers = new Set(inputs.map(idOf));
    for (const giver of givers) {
      const known = readers.get(giver);
      if (known) known.push(position);
      else readers.set(giver, [position]);
    }
    return givers.size;
  });
  const ready = new Lowest();
  for (const [position, count] of missing.entries()) if (count === 0) ready.add(position);
  const ordered: C[] = [];
  for (let position = ready.take(); position !== undefined; position = ready.take()) {
    const component = components[position]!;
    ordered.push(component);
    for (const reader of readers.get(component.id) ?? []) {
      missing[reader]! -= 1;
      if (missing[reader] === 0) ready.add(reader);
    }
  }
  if (ordered.length < components.length) {
    const left = components.filter((_, position) => missing[position]! > 0);
    throw new Error(`no order for ${left.map(({ id }) => id).join(", ")}`);
  }
  return ordered;
};

/** Numbers that are taken lowest first: a binary heap. */
class Lowest {
  readonly #heap: number[] = [];

  add(number: number): void {
    let at = this.#heap.push(number) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#heap[parent]! <= number) break;
      this.#heap[at] = this.#heap[parent]!;
      at = parent;
    }
    this.#heap[at] = number;
  }

  take(): number | undefined {
    const [lowest] = this.#heap;
    const last = this.#heap.pop();
    if (this.#heap.length > 0) this.#sink(last!);
    return lowest;
  }

  /** Puts a number in the place of the first one. */
  #sink(number: number): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const child = (this.#heap[left + 1] ?? Number.POSITIVE_INFINITY) < (this.#heap[left] ?? 0) ? left + 1 : left;
      if (child >= this.#heap.length || this.#heap[child]! >= number) break;
      this.#heap[at] = this.#heap[child]!;
      at = child;
    }
    this.#heap[at] = number;
  }
}

/** The connected parts of components that are in order; parts and their ids in this order. */
export const connectedParts = (ordered: readonly Linked[]): string[][] => {
  const towards = new Map(ordered.map(({ id }) => [id, id]));
  const rootOf = (id: string): string => {
    let root = id;
    for (let next = towards.get(root)!; next !== root; next = towards.get(root)!) {
      // Halves the way for the next search.
      towards.set(root, towards.get(next)!);
      root = next;
    }
    return root;
  };
  for (const { id, inputs } of ordered) for (const input of inputs) towards.set(rootOf(id), rootOf(idOf(input)));
  return [...Map.groupBy(ordered, ({ id }) => rootOf(id)).values()].map((part) => part.map(({ id }) => id));
};
