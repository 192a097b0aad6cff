import { compareBytes } from "./byte-order.ts";

interface Version {
  /** The numbers of `1.20.3`. */
  readonly numbers: readonly string[];
  /** What follows a hyphen: `beta.2`. */
  readonly before: readonly string[] | undefined;
  readonly build: string;
}

const form = /^(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/;

const parse = (text: string): Version | undefined => {
  const [, numbers, before, build = ""] = form.exec(text) ?? [];
  return numbers === undefined ? undefined : { numbers: numbers.split("."), before: before?.split("."), build };
};

/**
 * Below, at or above zero: the order of Semantic Versioning, in which `1.9.0` comes before `1.10.0`, and `1.0.0-beta` before
 * `1.0.0`. Texts that are not versions come after all versions, in the order of their bytes.
 */
export const versionOrder = (limit: string): ((version: string) => number) => {
  const right = parse(limit);
  return (version) => {
    const left = parse(version);
    if (left && right) return compareParsed(left, right) || compareBytes(version, limit);
    return left || right ? (left ? -1 : 1) : compareBytes(version, limit);
  };
};

const compareParsed = (a: Version, b: Version): number => {
  const byNumbers = compareLists(a.numbers, b.numbers, compareDigits);
  if (byNumbers !== 0) return byNumbers;
  if (a.before && b.before) return compareLists(a.before, b.before, compareParts) || compareBytes(a.build, b.build);
  return a.before || b.before ? (a.before ? -1 : 1) : compareBytes(a.build, b.build);
};

/** The first difference decides; a list comes before a longer one that starts with it. */
const compareLists = (a: readonly string[], b: readonly string[], order: (a: string, b: string) => number): number => {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const found = order(a[i]!, b[i]!);
    if (found !== 0) return found;
  }
  return a.length - b.length;
};

const withoutZeros = (digits: string): string => digits.replace(/^0+/, "");

const compareDigits = (a: string, b: string): number => {
  const [left, right] = [withoutZeros(a), withoutZeros(b)];
  return left.length - right.length || compareBytes(left, right);
};

const digits = /^\d+$/;

/** Numbers come before words. */
const compareParts = (a: string, b: string): number => {
  const [isLeft, isRight] = [digits.test(a), digits.test(b)];
  if (isLeft && isRight) return compareDigits(a, b);
  return isLeft || isRight ? (isLeft ? -1 : 1) : compareBytes(a, b);
};
