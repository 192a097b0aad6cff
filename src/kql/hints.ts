import type { Cursor } from "./cursor.ts";
import type { KqlSyntaxError } from "./error.ts";
import { type KqlLiteral, literalText } from "./node.ts";

const NEGATION = /^not[ \t\r\n\u00a0]/i;
/** A keyword with nothing after it: the grammar requires a space there, so it is not read as one. */
const DANGLING = /^(?:and|or)(?=$|[)}])/i;
const ESCAPE = 'A backslash escapes one of \\ ( ) : < > " * { } or a keyword; for a literal backslash write \\\\.';

/** A hint for any position, by the character that stopped the parser. */
const general = (cursor: Cursor): string | undefined => {
  if (cursor.startsWith(/^"/)) return 'Close the quote with another ", or write \\" for the character itself.';
  if (cursor.startsWith(/^\\/)) return ESCAPE;
  if (cursor.startsWith(/^[{}]/)) return `Write \\${cursor.text[cursor.at]}, or quote the whole value.`;
  return undefined;
};

export const conditionExpected = (cursor: Cursor): KqlSyntaxError => {
  const hint = () => {
    if (cursor.done)
      return 'Write a condition such as field:value at the end, or remove the "and", "or" or "not" before it.';
    if (cursor.startsWith(NEGATION)) return 'Write "not" once; two cancel each other out.';
    if (cursor.startsWith(/^[)}]/))
      return `Write a condition such as field:value before the "${cursor.text[cursor.at]}".`;
    if (cursor.startsWith(/^[:<>]/)) return "Write the name of a field before it.";
    return general(cursor) ?? "Write a condition such as field:value.";
  };
  cursor.skipSpace();
  return cursor.expected("a condition", hint());
};

export const valueExpected = (cursor: Cursor, field: KqlLiteral): KqlSyntaxError => {
  const name = literalText(field) ?? "field";
  const hint = () => {
    if (cursor.done) return `Write a value, or ${name}:* to ask whether the field exists.`;
    if (cursor.startsWith(NEGATION)) return `Write not ${name}:value, or ${name}:(not value).`;
    if (cursor.startsWith(/^\)/)) return `Write a value, or ${name}:* to ask whether the field exists.`;
    if (cursor.startsWith(/^[:<>]/)) return `Write \\${cursor.text[cursor.at]}, or quote the value.`;
    return general(cursor) ?? "Write a value, or quote it.";
  };
  cursor.skipSpace();
  return cursor.expected(`a value for "${name}"`, hint());
};

export const rangeExpected = (cursor: Cursor, field: KqlLiteral): KqlSyntaxError => {
  cursor.skipSpace();
  const list = cursor.startsWith(/^\(/) ? "A range compares with one value, without parentheses." : undefined;
  const name = literalText(field) ?? "field";
  return cursor.expected(`a value to compare "${name}" with`, list ?? general(cursor) ?? "Write a value, or quote it.");
};

export const closeExpected = (cursor: Cursor, close: ")" | "}", open: number): KqlSyntaxError => {
  const opener = close === ")" ? "(" : "{";
  if (!cursor.done) return unexpected(cursor, `"and", "or" or "${close}"`);
  return cursor.expected(`"${close}"`, `It closes the "${opener}" at character ${open + 1}.`);
};

/** A condition is complete, but what follows is unexpected. */
export const unexpected = (cursor: Cursor, expected = '"and", "or" or the end'): KqlSyntaxError => {
  const glued = cursor.at > 0 && !/[ \t\r\n\u00a0]/.test(cursor.text[cursor.at - 1]!);
  const hint = () => {
    if (glued && cursor.startsWith(/^(?:and|or)[ \t\r\n\u00a0]/i)) return 'Put a space before "and" and "or".';
    if (cursor.startsWith(NEGATION)) return 'Quote the value: "not " begins a negation, also at the end of a word.';
    if (cursor.startsWith(/^:/))
      return 'Join two conditions with "and" or "or"; for a colon in a value write \\: or quote it.';
    if (cursor.startsWith(/^\(/) && /not$/i.test(cursor.text.slice(0, cursor.at))) return 'Put a space after "not".';
    if (cursor.startsWith(/^[)(<>]/))
      return `Remove it, or write \\${cursor.text[cursor.at]} for the character itself.`;
    if (cursor.startsWith(/^"/)) return 'Quote the whole value, or write \\" for the character itself.';
    return general(cursor) ?? 'Join two conditions with "and" or "or".';
  };
  cursor.skipSpace();
  if (!glued && cursor.startsWith(DANGLING)) {
    cursor.at += cursor.startsWith(/^and/i) ? 3 : 2;
    return conditionExpected(cursor);
  }
  return cursor.expected(expected, hint());
};
