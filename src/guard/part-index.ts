import { fold } from "../eql/fold.ts";
import { LiteralIndex } from "../regex/literal-index.ts";
import type { NumberedCondition } from "./guard.ts";

/** The most units of all texts together: the index takes some hundred bytes for each. */
const mostUnits = 20_000;

/** The characters beyond ASCII that are a letter of ASCII when folded: the dotless i, the long s and the Kelvin sign. */
const LOOKALIKES = /[\u0131\u017f\u212a]/g;

/** Conditions that only texts with certain parts pass. It finds the parts of all in one pass over a text. */
export class PartIndex {
  readonly #conditions: readonly NumberedCondition[];
  readonly #members: ReadonlySet<NumberedCondition>;
  readonly #literals: LiteralIndex | undefined;
  /** The conditions with a part, by its number. */
  readonly #withPart: readonly (readonly number[])[];
  /** When a condition was last tested. */
  readonly #tested: Float64Array;
  #texts = 0;

  /** Takes those of the conditions that have parts, as long as there is room. */
  constructor(conditions: readonly NumberedCondition[]) {
    const parts = new Map<string, number[]>();
    const taken: NumberedCondition[] = [];
    let units = 0;
    for (const each of conditions) {
      const own = each.condition.parts;
      if (own === undefined) continue;
      units += own.reduce((sum, part) => sum + (parts.has(part) ? 0 : part.length), 0);
      if (units > mostUnits) break;
      for (const part of own) {
        const conditionsOf = parts.get(part) ?? [];
        conditionsOf.push(taken.length);
        parts.set(part, conditionsOf);
      }
      taken.push(each);
    }
    this.#conditions = taken;
    this.#members = new Set(taken);
    this.#withPart = [...parts.values()];
    this.#literals = parts.size > 0 ? new LiteralIndex([...parts.keys()]) : undefined;
    this.#tested = new Float64Array(taken.length);
  }

  get size(): number {
    return this.#conditions.length;
  }

  has(condition: NumberedCondition): boolean {
    return this.#members.has(condition);
  }

  /** The numbers of the conditions that a text passes. It may leave out those that are not wanted. */
  passing(text: string, isWanted: (number: number) => boolean = always): readonly number[] {
    if (!this.#literals) return [];
    const passed: number[] = [];
    const round = ++this.#texts;
    this.#literals.scan(text.replace(LOOKALIKES, fold), (part) => {
      for (const index of this.#withPart[part]!) {
        if (this.#tested[index] === round) continue;
        this.#tested[index] = round;
        const { number, condition } = this.#conditions[index]!;
        if (isWanted(number) && condition.test(text)) passed.push(number);
      }
    });
    return passed;
  }
}

const always = () => true;
