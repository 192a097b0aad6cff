/** A glob that is not understood. */
export class GlobError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** Within a directory or file name: any text, any one character, one of a class of characters, or a character itself. */
export type Part =
  | { readonly is: "star" | "any" }
  | { readonly is: "class"; readonly text: string; readonly has: (char: string) => boolean }
  | { readonly is: "char"; readonly char: string };

/** More alternatives than this are more likely a mistake. */
const mostAlternatives = 1_000;

/** Where the class that begins at `start` ends, just after its `]`; undefined if it has no end within the name. */
const classEnd = (text: string, start: number): number | undefined => {
  let at = start + (/[!^]/.test(text[start + 1] ?? "") ? 2 : 1);
  for (const first = at; at < text.length && text[at] !== "/"; at++) {
    if (text.startsWith("[:", at) && text.indexOf(":]", at) > 0) at = text.indexOf(":]", at) + 1;
    else if (text[at] === "\\") at++;
    else if (text[at] === "]" && at > first) return at + 1;
  }
  return undefined;
};

/** Where the next part of the text begins: `\x` and `[…]` are one part. */
const next = (text: string, at: number): number => {
  if (text[at] === "\\") return at + 2;
  return text[at] === "[" ? (classEnd(text, at) ?? at + 1) : at + 1;
};

/** The alternatives of `{a,b}` that begins at `start`, and where it ends; undefined if these are no alternatives. */
const bracesAt = (text: string, start: number) => {
  const alternatives: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < text.length; at = next(text, at)) {
    if (text[at] === "{") depth++;
    if (text[at] === "," && depth === 1) {
      alternatives.push(text.slice(from, at));
      from = at + 1;
    }
    if (text[at] !== "}" || --depth > 0) continue;
    alternatives.push(text.slice(from, at));
    if (alternatives.length > 1) return { alternatives, end: at + 1 };
    if (/^(?:-?\d+|\w)\.\.(?:-?\d+|\w)/.test(alternatives[0]!))
      throw new GlobError(`"${text.slice(start, at + 1)}" is a range`, "Write each alternative: {1,2,3}.");
    return undefined;
  }
  return undefined;
};

/** The patterns that a pattern with `{a,b}` stands for. */
export const expandBraces = (pattern: string): readonly string[] => {
  const expanded: string[] = [];
  const waiting = [{ text: pattern, from: 0 }];
  for (let one = waiting.pop(); one; one = waiting.pop()) {
    const { text } = one;
    let at = one.from;
    let found: ReturnType<typeof bracesAt>;
    for (; at < text.length; at = next(text, at)) {
      found = text[at] === "{" ? bracesAt(text, at) : undefined;
      if (found) break;
    }
    if (!found) expanded.push(text);
    else {
      const [before, after] = [text.slice(0, at), text.slice(found.end)];
      for (const alternative of found.alternatives.reverse())
        waiting.push({ text: before + alternative + after, from: at });
    }
    if (expanded.length + waiting.length > mostAlternatives)
      throw new GlobError(
        `its braces stand for more than ${mostAlternatives} patterns`,
        "Use `*`, or several globs with fewer braces.",
      );
  }
  return expanded;
};

const posixClasses: Readonly<Record<string, string>> = {
  alnum: "a-zA-Z0-9",
  alpha: "a-zA-Z",
  digit: "0-9",
  lower: "a-z",
  space: "\\s",
  upper: "A-Z",
  word: "\\w",
  xdigit: "A-Fa-f0-9",
};

const classPart = (text: string): Part => {
  const negated = /^\[[!^]/.test(text);
  const body = text
    .slice(negated ? 2 : 1, -1)
    .replace(/\[:(\w+):\]|\\(.)|[[\]^]/g, (whole, name?: string, char: string = whole) => {
      if (name === undefined) return /\w/.test(char) ? char : `\\${char}`;
      if (posixClasses[name] === undefined)
        throw new GlobError(
          `"${whole}" is no class of characters`,
          `weir knows ${Object.keys(posixClasses).join(", ")}.`,
        );
      return posixClasses[name];
    });
  try {
    const test = new RegExp(`^[${negated ? "^" : ""}${body}]$`);
    return { is: "class", text, has: (char) => test.test(char) };
  } catch {
    throw new GlobError(`"${text}" is no class of characters`, "Write a class as [abc], [a-z] or [!a-z].");
  }
};

/** The parts of a name, or of a pattern without braces and slashes. */
export const partsOf = (name: string): readonly Part[] => {
  const parts: Part[] = [];
  for (let at = 0; at < name.length; at = next(name, at)) {
    const char = name[at]!;
    const end = char === "[" ? classEnd(name, at) : undefined;
    if (/[?*+@!]/.test(char) && name[at + 1] === "(")
      throw new GlobError(
        `"${char}(" begins an extended glob, which weir does not know`,
        "Write alternatives as {a,b}. If the name contains a parenthesis, write it as \\(.",
      );
    if (end !== undefined) parts.push(classPart(name.slice(at, end)));
    else if (char === "*") {
      if (parts.at(-1)?.is !== "star") parts.push({ is: "star" });
    } else if (char === "?") parts.push({ is: "any" });
    else parts.push({ is: "char", char: char === "\\" ? (name[at + 1] ?? char) : char });
  }
  return parts;
};
