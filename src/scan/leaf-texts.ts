import { fold } from "../eql/fold.ts";
import { addBit, type Bits, bitsOf } from "../guard/bits.ts";
import { type FieldCondition, partsOf } from "../guard/guard.ts";
import { longestValue, type Part } from "./plan.ts";

/** A condition of an alternative on the value at one place of a record. */
export interface PlacedCondition {
  readonly alternative: number;
  /** Whether the value, if it is a text that is not empty, is the only value of the field of the condition. */
  readonly asIs: boolean;
  readonly condition: FieldCondition;
}

/** A text is one of those that are listed, or has one of the parts. */
export interface Texts {
  readonly listed: readonly string[];
  /** `undefined`: only listed texts are meant. */
  readonly parts: readonly Part[] | undefined;
}

/** So many texts that conditions list are known from the start. */
const mostTexts = 1024;

/** `undefined` if nothing is known, or if there would be more than `mostParts` parts. */
export const textsOf = (
  conditions: readonly PlacedCondition[],
  count: number,
  mostParts: number,
): Texts | undefined => {
  const listed = new Set<string>();
  const parts = new Map<string, Bits>();
  let areListed = true;
  for (const { condition, asIs, alternative } of conditions) {
    const { texts, parts: own = texts?.values.flatMap((text) => partsOf(text) ?? []) } = condition;
    if (!asIs || own === undefined) return undefined;
    if (texts && !texts.areFolded && !texts.values.some(isLong)) for (const text of texts.values) listed.add(text);
    else {
      areListed = false;
      for (const part of own) {
        const bits = parts.get(part) ?? bitsOf([], count);
        parts.set(part, bits);
        addBit(bits, alternative);
      }
    }
    if (listed.size > mostTexts || parts.size > mostParts) return undefined;
  }
  const found = [...parts].map(([text, alternatives]) => ({ text, alternatives }));
  return { listed: [...listed], parts: areListed ? undefined : found };
};

/** Whether a text is too long to be known. */
const isLong = (text: string): boolean => Buffer.byteLength(JSON.stringify(text)) > longestValue;

const ASCII = /^[\0-\x7f]+$/;

/** Whether a condition can hold with this value, as far as that is known without a test. */
export const mayHold = ({ asIs, condition: { texts, parts } }: PlacedCondition, value: unknown): boolean => {
  if (!asIs || typeof value !== "string" || value === "") return true;
  if (texts) return texts.values.includes(texts.areFolded ? fold(value) : value);
  if (!parts || !ASCII.test(value)) return true;
  const lower = value.toLowerCase();
  return parts.some((part) => lower.includes(part));
};
