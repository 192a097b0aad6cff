import { fold } from "../eql/fold.ts";
import { compilePath, type Field } from "../fields/path.ts";
import type { Scalar } from "../fields/types.ts";
import type { Data } from "../json.ts";
import { addAll, addBit, type Bits, bitsOf, hasBit } from "./bits.ts";
import type { NumberedCondition } from "./guard.ts";
import { PartIndex } from "./part-index.ts";

/** Numbers as a list while they are few, and as a set otherwise. */
type Numbers = readonly number[] | Bits;

const none: readonly number[] = [];

/** Longer texts are hardly ever seen again. */
const longestKnown = 256;

/** How many values of a field are known. */
const mostKnown = 1024;

/** After so many values it is clear whether a field has new ones most of the time. */
const sample = 1024;

/** For so many values of a field that has new ones most of the time, none is looked up. */
const pause = 16_384;

/**
 * The conditions of many alternatives on one field. It finds those that hold for an event by looking up the field's values:
 * listed texts in a map, patterns by the texts that they contain, and whatever remains by what is known of a value that was
 * seen before. So its time hardly depends on how many conditions there are.
 */
export class FieldIndex {
  /** The alternatives that have a condition on this field. */
  readonly conditioned: Bits;
  /** Those that have none. */
  readonly open: Bits;
  readonly #field: Field;
  readonly #size: number;
  readonly #conditions: readonly NumberedCondition[];
  readonly #exact: ReadonlyMap<string, Numbers>;
  readonly #folded: ReadonlyMap<string, readonly number[]>;
  readonly #parts: PartIndex;
  /** The conditions that are neither listed texts nor found by a part. */
  readonly #others: readonly NumberedCondition[];
  readonly #known = new Map<Scalar, Numbers>();
  #lookups = 0;
  #misses = 0;
  #paused = 0;
  #found: Bits;
  #alive: Bits;

  constructor(path: string, conditions: readonly NumberedCondition[], size: number) {
    this.conditioned = bitsOf(
      conditions.map(({ number }) => number),
      size,
    );
    this.open = this.conditioned.map((word) => ~word);
    this.#field = compilePath(path);
    this.#size = size;
    this.#conditions = conditions;
    const exact = byText(conditions.filter(({ condition: { texts } }) => texts?.areFolded === false));
    this.#exact = new Map([...exact].map(([text, numbers]) => [text, this.#numbers(numbers)]));
    this.#folded = byText(conditions.filter(({ condition: { texts } }) => texts?.areFolded));
    const patterns = conditions.filter(({ condition: { texts } }) => texts === undefined);
    this.#parts = new PartIndex(patterns);
    this.#others = patterns.filter((pattern) => !this.#parts.has(pattern));
    this.#found = this.open;
    this.#alive = this.open;
  }

  /** How much a value costs that was not seen before, to compare fields. */
  get cost(): number {
    return this.#others.length + (this.#folded.size > 0 || this.#parts.size > 0 ? 1 : 0);
  }

  /** Adds the alternatives whose condition holds to `found`. It may leave out those that are not in `alive`. */
  find(data: Data, found: Bits, alive: Bits): void {
    this.#found = found;
    this.#alive = alive;
    this.#field.some(data, this.#visit);
  }

  readonly #visit = (value: Scalar): boolean => {
    if (typeof value === "string") {
      const listed = this.#exact.get(value);
      if (listed) this.#add(listed);
      if (this.cost > 0) this.#lookUp(value);
    } else this.#lookUp(value);
    return false;
  };

  #lookUp(value: Scalar): void {
    if (this.#paused > 0) {
      this.#paused--;
      this.#testAlive(value);
      return;
    }
    const known = this.#known.get(value);
    if (this.#lookups++ === sample) this.#judge();
    if (known) {
      this.#add(known);
      return;
    }
    this.#misses++;
    if (typeof value === "object" || (typeof value === "string" && value.length > longestKnown)) {
      this.#testAlive(value);
      return;
    }
    const passed = this.#numbers(this.#tested(value));
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(value, passed);
    this.#add(passed);
  }

  /** If most values were new, it is cheaper not to look for them. */
  #judge(): void {
    if (this.#misses > sample / 2) {
      this.#paused = pause;
      this.#known.clear();
    }
    this.#lookups = 0;
    this.#misses = 0;
  }

  /** The alternatives whose condition a value passes, but for listed texts. */
  #tested(value: Scalar): number[] {
    if (typeof value !== "string") return passing(this.#conditions, value);
    return [...this.#byPartOrCase(value), ...passing(this.#others, value)];
  }

  #byPartOrCase(value: string, isWanted?: (number: number) => boolean): readonly number[] {
    const folded = this.#folded.size > 0 ? (this.#folded.get(fold(value)) ?? none) : none;
    return [...folded, ...this.#parts.passing(value, isWanted)];
  }

  /** Adds those that a value passes, without the ones that are of no interest. */
  #testAlive(value: Scalar): void {
    if (typeof value === "string")
      for (const number of this.#byPartOrCase(value, this.#isOpen)) addBit(this.#found, number);
    for (const { number, condition } of typeof value === "string" ? this.#others : this.#conditions)
      if (this.#isOpen(number) && condition.test(value)) addBit(this.#found, number);
  }

  /** Whether it is still open if an alternative can hold: no value that came before has passed its condition. */
  readonly #isOpen = (number: number): boolean => hasBit(this.#alive, number) && !hasBit(this.#found, number);

  #add(numbers: Numbers): void {
    if (numbers instanceof Uint32Array) addAll(this.#found, numbers);
    else for (const number of numbers) addBit(this.#found, number);
  }

  #numbers(numbers: readonly number[]): Numbers {
    return numbers.length > this.#size / 32 ? bitsOf(numbers, this.#size) : numbers;
  }
}

/** The numbers of the conditions that list a text. */
const byText = (conditions: readonly NumberedCondition[]): ReadonlyMap<string, readonly number[]> => {
  const lists = new Map<string, number[]>();
  for (const { number, condition } of conditions)
    for (const text of condition.texts!.values) {
      const list = lists.get(text);
      if (list) list.push(number);
      else lists.set(text, [number]);
    }
  return lists;
};

const passing = (conditions: readonly NumberedCondition[], value: Scalar): number[] => {
  const numbers: number[] = [];
  for (const { number, condition } of conditions) if (condition.test(value)) numbers.push(number);
  return numbers;
};
