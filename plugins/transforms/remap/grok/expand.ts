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

/** The regular expression that a grok expression stands for. `own` are patterns beside those of the library. Throws a `GrokError`. */
export const expandGrok = (expression: string, own: Readonly<Record<string, string>> = {}): Expanded => {
  const captures: Capture[] = [];
  let length = 0;
  const expand = (text: string, within: readonly string[]): string => {
    length += text.length;
    if (within.length > deepest) throw new GrokError(`its patterns contain each other more than ${deepest} deep`);
    if (length > longest) throw new GrokError(`its patterns make an expression of more than ${longest} characters`);
    return text.replace(reference, (_, name: string, field?: string, type?: string, at?: number) => {
      // The place in the expression itself; a pattern of the library has none.
      const offset = within.length === 0 ? at : undefined;
      if (within.includes(name)) throw new GrokError(`the pattern "${name}" contains itself`, { offset });
      const inner = expand(patternOf(name, own, offset), [...within, name]);
      if (field === undefined) return `(?:${inner})`;
      const wanted = type === undefined ? "text" : types[type];
      if (wanted === undefined)
        throw new GrokError(`"${type}" is no type of grok`, {
          offset,
          hint: `Types are ${Object.keys(types).join(", ")}.`,
        });
      captures.push({ field: fieldOf(field), type: wanted });
      return `(?<weir_${captures.length - 1}>${inner})`;
    });
  };
  return { source: expand(expression, []), captures };
};

const patternOf = (name: string, own: Readonly<Record<string, string>>, offset: number | undefined): string => {
  if (Object.hasOwn(own, name)) return own[name]!;
  if (Object.hasOwn(library, name)) return library[name]!;
  const meant = [...Object.keys(own), ...Object.keys(library)].find(
    (known) => known.toLowerCase() === name.toLowerCase(),
  );
  throw new GrokError(`there is no pattern "${name}"`, {
    offset,
    hint: meant ? `Did you mean "${meant}"?` : undefined,
  });
};

/** `[http][method]`, as Logstash writes it, is `http.method`. */
const fieldOf = (text: string): string => {
  const parts = [...text.matchAll(/\[([^\][]+)\]/g)];
  return parts.length > 0 && parts.map(([whole]) => whole).join("") === text
    ? parts.map(([, name]) => name).join(".")
    : text;
};
