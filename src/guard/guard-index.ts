import type { Data } from "../json.ts";
import { type Bits, bitsOf, intersects, keepOnly, numbersOf } from "./bits.ts";
import { FieldIndex } from "./field-index.ts";
import type { Guard } from "./guard.ts";

const none: readonly number[] = [];

/**
 * The guards of many queries. For an event it finds the queries that can be true: it reads each field once, and the time
 * that a value takes hardly depends on how many queries ask for the field.
 */
export class GuardIndex {
  readonly #fields: readonly FieldIndex[];
  /** The guard of each alternative. */
  readonly #guardOf: readonly number[];
  readonly #all: Bits;
  readonly #alive: Bits;
  readonly #found: Bits;

  constructor(guards: readonly Guard[]) {
    const alternatives = guards.flatMap((guard, index) => guard.map((conditions) => ({ index, conditions })));
    const size = alternatives.length;
    this.#guardOf = alternatives.map(({ index }) => index);
    this.#all = bitsOf(alternatives.keys(), size);
    this.#alive = bitsOf([], size);
    this.#found = bitsOf([], size);
    const conditions = alternatives.flatMap(({ conditions }, number) =>
      conditions.map((condition) => ({ number, condition })),
    );
    this.#fields = [...Map.groupBy(conditions, ({ condition }) => condition.path)]
      .map(([path, own]) => ({ index: new FieldIndex(path, own, size), count: own.length }))
      .toSorted((a, b) => a.index.cost - b.index.cost || b.count - a.count)
      .map(({ index }) => index);
  }

  /** The numbers of the guards that hold, in ascending order. */
  holding(data: Data): readonly number[] {
    const [alive, found] = [this.#alive, this.#found];
    alive.set(this.#all);
    for (const field of this.#fields) {
      if (!intersects(alive, field.conditioned)) continue;
      found.set(field.open);
      field.find(data, found, alive);
      if (!keepOnly(alive, found)) return none;
    }
    const guards: number[] = [];
    for (const number of numbersOf(alive)) {
      const guard = this.#guardOf[number]!;
      if (guards.at(-1) !== guard) guards.push(guard);
    }
    return guards;
  }
}
