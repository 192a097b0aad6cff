import { didYouMean } from "weir/transform";
import { patterns as library } from "./library/patterns.ts";

/** What a captured text becomes. */
export type CaptureType = "text" | "integer" | "float" | "boolean";

/** A field that a grok expression fills. */
export interface Capture {
  readonly field: string;
  readonly type: CaptureType;
}

export interface Expanded {
  /** A regular expression, in which the group `weir_0` is the first capture. */
  readonly source: string;
  readonly captures: readonly Capture[];
  /** The place in the expression of a place in `source`; of what a named pattern stands for, that of its name. */
  placeOf(position: number): number;
}

/** A named pattern in an expression: where it is, how long it is written, and how long what it stands for. */
interface Piece {
  readonly at: number;
  readonly written: number;
  readonly length: number;
}

/** Why a grok expression cannot be used, in words that follow no capital letter. */
export class GrokError extends Error {
  readonly hint: string | undefined;
  /** Where in the expression, in UTF-16 units. */
  readonly offset: number | undefined;

  constructor(message: string, { hint, offset }: { hint?: string | undefined; offset?: number | undefined } = {}) {
    super(message);
    this.name = "GrokError";
    this.hint = hint;
    this.offset = offset;
  }
}

/** Own patterns that use each other could make an expression of any size. */
const longest = 64 * 1024;
const deepest = 50;

const types: Readonly<Record<string, CaptureType>> = {
  string: "text",
  int: "integer",
  long: "integer",
  float: "float",
  double: "float",
  boolean: "boolean",
};

const reference = /%\{([A-Za-z0-9_]+)(?::([^:}]+))?(?::([^:}]+))?\}/g;

/**
 * The regular expression that a grok expression stands for. `own` are patterns beside those of the library; `names` those that
 * the expression must not use, because it is one of them. Throws a `GrokError`.
 */
export const expandGrok = (
  expression: string,
  own: Readonly<Record<string, string>> = {},
  names: readonly string[] = [],
): Expanded => {
  const pieces: Piece[] = [];
  const captures: Capture[] = [];
  let length = 0;
  const expand = (text: string, within: readonly string[]): string => {
    length += text.length;
    if (within.length > deepest) throw new GrokError(`its patterns contain each other more than ${deepest} deep`);
    if (length > longest) throw new GrokError(`its patterns make an expression of more than ${longest} characters`);
    const isOuter = within === names;
    if (isOuter) refuseBroken(text);
    return text.replace(reference, (whole, name: string, field?: string, type?: string, at = 0) => {
      // The place in the expression itself; a pattern of the library has none.
      const offset = isOuter ? at : undefined;
      if (within.includes(name)) throw new GrokError(`the pattern "${name}" contains itself`, { offset });
      const inner = expand(patternOf(name, own, offset), [...within, name]);
      const become = (group: string): string => {
        if (isOuter) pieces.push({ at, written: whole.length, length: group.length });
        return group;
      };
      if (field === undefined) return become(`(?:${inner})`);
      const wanted = type === undefined ? "text" : types[type];
      if (wanted === undefined)
        throw new GrokError(`"${type}" is no type of grok`, {
          offset,
          hint: `Types are ${Object.keys(types).join(", ")}.`,
        });
      captures.push({ field: fieldOf(field), type: wanted });
      return become(`(?<weir_${captures.length - 1}>${inner})`);
    });
  };
  return { source: expand(expression, names), captures, placeOf: placesIn(pieces) };
};

/** A `%{` that begins no reference is a mistake: nobody means the characters. */
const refuseBroken = (text: string): void => {
  const known = new Set([...text.matchAll(reference)].map(({ index }) => index));
  for (let at = text.indexOf("%{"); at >= 0; at = text.indexOf("%{", at + 1))
    if (!known.has(at))
      throw new GrokError('this "%{" begins no named pattern', {
        offset: at,
        hint: "Write %{NAME}, %{NAME:field} or %{NAME:field:type}; %\\{ for the characters.",
      });
};

const placesIn =
  (pieces: readonly Piece[]) =>
  (position: number): number => {
    let shift = 0;
    for (const { at, written, length } of pieces) {
      if (position < at + shift) break;
      if (position < at + shift + length) return at;
      shift += length - written;
    }
    return position - shift;
  };

const patternOf = (name: string, own: Readonly<Record<string, string>>, offset: number | undefined): string => {
  if (Object.hasOwn(own, name)) return own[name]!;
  if (Object.hasOwn(library, name)) return library[name]!;
  throw new GrokError(`there is no pattern "${name}"`, {
    offset,
    hint: didYouMean(name, [...Object.keys(own), ...Object.keys(library)]),
  });
};

/** `[http][method]`, as Logstash writes it, is `http.method`. */
const fieldOf = (text: string): string => {
  const parts = [...text.matchAll(/\[([^\][]+)\]/g)];
  return parts.length > 0 && parts.map(([whole]) => whole).join("") === text
    ? parts.map(([, name]) => name).join(".")
    : text;
};
