import { fold } from "../eql/fold.ts";
import type { Scalar } from "../fields/types.ts";

/** A condition on the values of one field. It holds if one of them passes. */
export interface FieldCondition {
  /** The field, as a dotted path. */
  readonly path: string;
  readonly test: (value: Scalar) => boolean;
  /** If given: of the values that are texts, only these pass. */
  readonly texts?: Texts | undefined;
  /** If given: each text that passes contains one of these. They are ASCII, and the case of letters does not count. */
  readonly parts?: readonly string[] | undefined;
}

interface Texts {
  readonly values: readonly string[];
  /** The values are folded, and stand for texts that are equal to them when folded. */
  readonly areFolded: boolean;
}

/**
 * What must hold for an event, so that a query can be true for it: all conditions of one of the alternatives. An alternative
 * without conditions always holds.
 */
export type Guard = readonly Alternative[];

/** At most one condition for each field. */
export type Alternative = readonly FieldCondition[];

/** A condition of the alternative with this number. */
export interface NumberedCondition {
  readonly number: number;
  readonly condition: FieldCondition;
}

/** The guard of a query of which nothing is known. */
export const always: Guard = [[]];

/** More alternatives are not worth their cost: some conditions are left out. */
const mostAlternatives = 8;

/** More conditions hardly ever exclude more events. */
const mostConditions = 16;

/** The guard of a query that is true only if all of some queries are. */
export const allOf = (guards: readonly Guard[]): Guard =>
  guards
    .toSorted((a, b) => a.length - b.length)
    .reduce((all, guard) => {
      if (all.length * guard.length > mostAlternatives) return all;
      return all.flatMap((one) => guard.map((other) => joined(one, other)));
    }, always);

/** One condition for each field: the one that fewer events pass. */
const joined = (one: Alternative, other: Alternative): Alternative => {
  const byPath = new Map(one.map((condition) => [condition.path, condition]));
  for (const condition of other) {
    const known = byPath.get(condition.path);
    if (known ? isStricter(condition, known) : byPath.size < mostConditions) byPath.set(condition.path, condition);
  }
  return [...byPath.values()];
};

const isStricter = (a: FieldCondition, b: FieldCondition): boolean => passing(a) < passing(b);

/** An estimate of how many values pass, to compare conditions. */
const passing = ({ texts, parts }: FieldCondition): number => {
  if (texts) return texts.values.length;
  return parts ? 1e6 * parts.length : Number.POSITIVE_INFINITY;
};

/**
 * The guard of a query that is true only if a guard holds, and some conditions do not: a value with which a condition on the
 * same field holds must be none of theirs. That a field has no such value is not asked.
 */
export const without = (guard: Guard, refused: readonly FieldCondition[]): Guard => {
  const byPath = Map.groupBy(refused, ({ path }) => path);
  return guard.map((conditions) =>
    conditions.map((condition) => {
      const others = byPath.get(condition.path);
      return others ? exceptFor(condition, (value) => others.some(({ test }) => test(value))) : condition;
    }),
  );
};

const exceptFor = (condition: FieldCondition, isRefused: FieldCondition["test"]): FieldCondition => {
  const { test, texts } = condition;
  const isLeft = (text: string) => !isRefused(text);
  return {
    ...condition,
    test: (value) => test(value) && !isRefused(value),
    texts: texts && !texts.areFolded ? { ...texts, values: texts.values.filter(isLeft) } : texts,
  };
};

/** The guard of a query that is true only if one of some queries is. */
export const anyOf = (guards: readonly Guard[]): Guard => {
  const alternatives = guards.flat();
  if (alternatives.some((conditions) => conditions.length === 0)) return always;
  const single = Map.groupBy(
    alternatives.flatMap((conditions) => (conditions.length === 1 ? conditions : [])),
    ({ path }) => path,
  );
  const different = [
    ...[...single.values()].map((conditions) => [eitherOf(conditions)]),
    ...alternatives.filter(({ length }) => length > 1),
  ];
  return different.length <= mostAlternatives ? different : [inAll(different)];
};

/** For each field that has a condition in all alternatives, one that holds if one of these does. */
const inAll = (alternatives: readonly Alternative[]): Alternative => {
  const byPath = Map.groupBy(alternatives.flat(), ({ path }) => path);
  return [...byPath.values()].filter(({ length }) => length === alternatives.length).map(eitherOf);
};

/** A condition that holds if one of several on the same field does. */
const eitherOf = (conditions: readonly FieldCondition[]): FieldCondition => {
  const [first] = conditions;
  if (conditions.length === 1) return first!;
  const tests = conditions.map(({ test }) => test);
  return {
    path: first!.path,
    test: (value) => tests.some((passes) => passes(value)),
    texts: eitherTexts(conditions.map(({ texts }) => texts)),
    parts: eitherParts(conditions),
  };
};

const eitherTexts = (lists: readonly (Texts | undefined)[]): Texts | undefined => {
  const given = lists.filter((texts) => texts !== undefined);
  if (given.length < lists.length) return undefined;
  const areFolded = given.some((texts) => texts.areFolded);
  const values = given.flatMap((texts) => (areFolded && !texts.areFolded ? texts.values.map(fold) : texts.values));
  return { values: [...new Set(values)], areFolded };
};

const eitherParts = (conditions: readonly FieldCondition[]): readonly string[] | undefined => {
  const lists = conditions.map(({ parts, texts }) => parts ?? texts?.values.flatMap((text) => partsOf(text) ?? [""]));
  if (lists.some((parts) => parts === undefined || parts.includes(""))) return undefined;
  return [...new Set(lists.flatMap((parts) => parts!))];
};

const ASCII = /^[\u0000-\u007f]+$/;

/** A text as `parts` has it; `undefined` if it cannot be one. */
export const partsOf = (text: string): readonly string[] | undefined =>
  ASCII.test(text) ? [text.toLowerCase()] : undefined;
