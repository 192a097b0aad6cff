import { compileGlobs } from "../glob-list.ts";
import { LinearRegex } from "../regex/linear-regex.ts";
import { RegexError } from "../regex/regex-error.ts";
import { fold } from "./fold.ts";
import { fromLucene, PatternError } from "./lucene-regex.ts";
import type { EqlMatchOperator } from "./node.ts";
import { listedWildcard } from "./wildcard.ts";

type TextTest = (text: string) => boolean;

/** A test whether a whole text fits one of the patterns. Throws a `PatternError`. */
export const compilePatterns = (operator: EqlMatchOperator, patterns: readonly string[]): TextTest => {
  switch (operator) {
    case "like":
      return wildcards(patterns);
    case "regex":
      return regexes(patterns, false);
    case "regex~":
      return regexes(patterns, true);
    default: {
      const test = wildcards(patterns.map(fold));
      return (text) => test(fold(text));
    }
  }
};

const WILDCARD = /[*?]/;

/** `*` stands for any text, and `?` for one character; nothing escapes them. */
const wildcards = (patterns: readonly string[]): TextTest => {
  const texts = new Set(patterns.filter((pattern) => !WILDCARD.test(pattern)));
  const globs = patterns.filter((pattern) => WILDCARD.test(pattern));
  if (globs.length === 0) return (text) => texts.has(text);
  const fits = compileGlobs(globs.map(listedWildcard));
  return texts.size === 0 ? fits : (text) => texts.has(text) || fits(text);
};

const regexes = (patterns: readonly string[], ignoreCase: boolean): TextTest => {
  const tests = patterns.map((pattern) => whole(fromLucene(pattern), ignoreCase));
  return tests.length === 1 ? tests[0]! : (text) => tests.some((matches) => matches(text));
};

const whole = (source: string, ignoreCase: boolean): TextTest => {
  try {
    const regex = new LinearRegex(`^(?:${source})$`, { ignoreCase, dotAll: true });
    return (text) => regex.test(text);
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    throw new PatternError(error.message, "Write a simpler pattern.");
  }
};
