import { FormatError } from "./format-error.ts";

/** The most pairs of a line. */
const mostPairs = 10_000;

/**
 * Reads `level=info msg="hello world" done`: pairs with spaces between them, values in double quotes with the escapes of
 * JSON, and `true` for a key alone. A key that occurs again has a list. Throws a `FormatError`.
 */
export const parseLogfmt = (text: string): Record<string, string | boolean | readonly (string | boolean)[]> => {
  const pairs: [string, string | boolean][] = [];
  let at = 0;
  while (at < text.length) {
    if (text.charCodeAt(at) <= 32) {
      at++;
      continue;
    }
    const start = at;
    while (at < text.length && text.charCodeAt(at) > 32 && text[at] !== "=" && text[at] !== '"') at++;
    const key = text.slice(start, at);
    if (key === "") throw new FormatError(`a key is missing at character ${start + 1}`);
    if (pairs.length >= mostPairs) throw new FormatError(`the line has more than ${mostPairs} pairs`);
    if (text[at] !== "=") {
      if (text[at] === '"') throw new FormatError(`there is a quote in the key "${key.slice(0, 80)}"`);
      pairs.push([key, true]);
      continue;
    }
    const { value, end } = text[at + 1] === '"' ? quoted(text, at + 1) : bare(text, at + 1);
    pairs.push([key, value]);
    at = end;
  }
  return grouped(pairs);
};

const bare = (text: string, start: number): { readonly value: string; readonly end: number } => {
  let end = start;
  while (end < text.length && text.charCodeAt(end) > 32) end++;
  return { value: text.slice(start, end), end };
};

const quoted = (text: string, start: number): { readonly value: string; readonly end: number } => {
  let end = start + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  if (end >= text.length) throw new FormatError(`the quote at character ${start + 1} is not closed`);
  const written = text.slice(start, end + 1);
  try {
    return { value: JSON.parse(written) as string, end: end + 1 };
  } catch {
    // Escapes that JSON does not have, and characters that it wants escaped, stand for themselves.
    return { value: written.slice(1, -1).replace(/\\(["\\])/g, "$1"), end: end + 1 };
  }
};

const grouped = <T>(pairs: readonly (readonly [key: string, value: T])[]): Record<string, T | readonly T[]> => {
  const groups = Map.groupBy(pairs, ([key]) => key);
  return Object.fromEntries(
    [...groups].map(([key, all]) => [key, all.length === 1 ? all[0]![1] : all.map(([, value]) => value)]),
  );
};
