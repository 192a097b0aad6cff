import { printable, shortened } from "../text.ts";
import { EqlSyntaxError } from "./error.ts";
import type { Token, Tokens } from "./tokens.ts";
import { keywords } from "./words.ts";

/** A token as it stands in the query, for messages. */
const written = (tokens: Tokens, token: Token): string => {
  if (token.kind === "end") return "the end of the query";
  const text = printable(shortened(tokens.text.slice(token.start, token.end), 40));
  return token.kind === "string" ? text : `"${text}"`;
};

/** The error that something else is expected where the next token is. */
export const expected = (tokens: Tokens, what: string, hint: string): EqlSyntaxError =>
  new EqlSyntaxError(`Expected ${what}, found ${written(tokens, tokens.next)}.`, hint, tokens.next.start);

/** A keyword in another letter case than EQL has. */
const upperCase = ({ kind, value }: Token): string | undefined => {
  const lower = value.toLowerCase();
  return kind === "name" && value !== lower && keywords.has(lower)
    ? `Write "${lower}": EQL's own words are in lower case.`
    : undefined;
};

/** A value, a field or a function is missing. */
export const valueExpected = (tokens: Tokens): EqlSyntaxError => {
  const { next } = tokens;
  const hint = () => {
    if (next.kind === "end") return 'Write a condition such as process.name == "sh".';
    if (tokens.atWord("and") || tokens.atWord("or")) return "Write a condition before it.";
    if (next.kind === "name")
      return `"${next.value}" is one of EQL's own words: write \`${next.value}\` in backquotes for a field of that name.`;
    if (tokens.at("=")) return 'Write "==".';
    if (tokens.at("]") || tokens.at(")")) return "Write a condition before it.";
    if (tokens.at("[")) return "A list of values is in parentheses: (…).";
    return "Write a field, a text in double quotes, a number or a function.";
  };
  return expected(tokens, "a value", hint());
};

/** A condition is complete, but what follows is unexpected. `closing` is what may end it. */
export const afterCondition = (tokens: Tokens, closing: string): EqlSyntaxError => {
  const { next } = tokens;
  const hint = (): string => {
    const keyword = upperCase(next);
    if (keyword) return keyword;
    if (tokens.at("=")) return 'Write "==" to compare, or ":" without regard to letter case.';
    if (tokens.at("==") || tokens.at("!=") || tokens.at("<") || tokens.at("<=") || tokens.at(">") || tokens.at(">="))
      return 'Comparisons cannot be chained: join two with "and".';
    if (tokens.at("[")) return "A field has no index: a condition is true if one of the field's values fits.";
    if (tokens.atWord("of"))
      return 'Relations such as "child of" are not part of Elasticsearch\'s EQL: write a sequence.';
    if (next.kind === "name" && next.value === "not") return 'Write "not" before the whole condition, or "not in".';
    if (next.kind === "string") return 'Put an operator such as "==" or ":" before the text.';
    if (tokens.at("*") || tokens.at("-")) return "Put a field with such a character in backquotes.";
    return 'Join two conditions with "and" or "or".';
  };
  return expected(tokens, `"and", "or" or ${closing}`, hint());
};

const oldPipes: ReadonlySet<string> = new Set(["count", "filter", "sort", "unique", "unique_count"]);

export const pipeExpected = (tokens: Tokens): EqlSyntaxError =>
  expected(
    tokens,
    'the pipe "head" or "tail"',
    oldPipes.has(tokens.next.value)
      ? `The pipe "${tokens.next.value}" is not part of Elasticsearch's EQL.`
      : "Write | head 10 or | tail 10.",
  );

/** An event such as `process where …` is missing. */
export const eventExpected = (tokens: Tokens): EqlSyntaxError => {
  const hint = () => {
    if (tokens.atWord("join")) return 'Joins are not part of Elasticsearch\'s EQL: write "sequence" or "sample".';
    const keyword = upperCase(tokens.next);
    if (keyword) return keyword;
    return 'Begin with the category of the event, or any: process where process.name == "sh".';
  };
  return expected(tokens, "an event", hint());
};

export const whereExpected = (tokens: Tokens, category: string): EqlSyntaxError => {
  const hint =
    upperCase(tokens.next) ??
    (tokens.at(".") || tokens.at("-")
      ? 'Put a category with such a character in double quotes: "my-category" where ….'
      : `Write ${category} where, and a condition; "where true" is true for all events.`);
  return expected(tokens, '"where"', hint);
};

/** What may follow the events of a sequence. */
export const afterItems = (tokens: Tokens, kind: "sequence" | "sample"): EqlSyntaxError => {
  const hint = () => {
    if (tokens.atWord("where")) return `Put a category of that name in double quotes: "${kind}" where ….`;
    if (tokens.atWord("by")) return 'Write "by" before "with": [process where …] by a with runs=3.';
    if (tokens.atWord("fork")) return '"fork" is not part of Elasticsearch\'s EQL.';
    if (tokens.atWord("with"))
      return kind === "sample"
        ? '"with" is for sequences: a sample has no order.'
        : 'Write "with maxspan" after "sequence by …".';
    if (tokens.atWord("until")) return '"until" is for sequences: a sample has no order.';
    if (tokens.at("|") && kind === "sample") return "A sample has no pipes.";
    if (tokens.at("![") && kind === "sample") return "Missing events are for sequences: a sample has no order.";
    return "Put each event in brackets: [process where …].";
  };
  return expected(tokens, `another event or the end of the ${kind}`, hint());
};
