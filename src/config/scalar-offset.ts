import type { Scalar } from "yaml";

/**
 * The offset in the file of a character of a scalar's value, for each of YAML's five scalar styles; the start of the
 * scalar where the style cannot be followed (an exotic fold).
 */
export const offsetInScalar = (text: string, scalar: Scalar, offset: number): number => {
  const [start, end] = scalar.range ?? [0, 0];
  const value = String(scalar.value);
  const follow = followers[scalar.type ?? "PLAIN"] ?? plain;
  let at = follow.start(text, start);
  for (let seen = 0; seen < offset && at < end; ) {
    const step = follow.step(text, at, value, seen);
    if (!step) return start;
    at += step.written;
    seen += step.read;
  }
  return at;
};

/** How many characters in the file make how many in the value. */
interface Step {
  readonly written: number;
  readonly read: number;
}

interface Follower {
  start(text: string, start: number): number;
  step(text: string, at: number, value: string, seen: number): Step | undefined;
}

const same = (text: string, at: number, value: string, seen: number): Step | undefined =>
  text[at] === value[seen] ? { written: 1, read: 1 } : undefined;

/** A line break in a flow scalar: one is a space, n of them are n - 1 line feeds; blanks around them are dropped. */
const fold = (text: string, at: number): Step | undefined => {
  const [written] = /^[ \t]*\r?\n\s*/.exec(text.slice(at)) ?? [];
  if (written === undefined) return undefined;
  return { written: written.length, read: Math.max(1, written.split("\n").length - 2) };
};

const flow = (inside: Follower["step"], open: number): Follower => ({
  start: (_text, start) => start + open,
  step: (text, at, value, seen) => fold(text, at) ?? inside(text, at, value, seen),
});

const plain = flow(same, 0);

const escapes: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };

/** A block scalar: a line break and the indentation after it are as many characters as the value has for them. */
const block = (breaks: RegExp): Follower => ({
  start: (text, start) => indented(text, text.indexOf("\n", start) + 1),
  step: (text, at, value, seen) => {
    if (text[at] !== "\n") return same(text, at, value, seen);
    const read = breaks.exec(value.slice(seen))?.[0].length;
    return read === undefined ? undefined : { written: indented(text, at + 1) - at, read };
  },
});

const indented = (text: string, at: number): number => at + (/^[ \n]*/.exec(text.slice(at))?.[0].length ?? 0);

const followers: Readonly<Record<string, Follower>> = {
  PLAIN: plain,
  QUOTE_SINGLE: flow(
    (text, at, value, seen) => (text.startsWith("''", at) ? { written: 2, read: 1 } : same(text, at, value, seen)),
    1,
  ),
  QUOTE_DOUBLE: flow((text, at, value, seen) => {
    if (text[at] !== "\\") return same(text, at, value, seen);
    const continued = /^\\\r?\n[ \t]*/.exec(text.slice(at));
    if (continued) return { written: continued[0].length, read: 0 };
    const written = escapes[text[at + 1] ?? ""] ?? 2;
    return { written, read: (value.codePointAt(seen) ?? 0) > 0xffff ? 2 : 1 };
  }, 1),
  BLOCK_LITERAL: block(/^\n+ */),
  BLOCK_FOLDED: block(/^(?: |\n+ *)/),
};
