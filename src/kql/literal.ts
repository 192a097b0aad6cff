import { shortened } from "../text.ts";
import type { KqlLiteral } from "./node.ts";

/** A literal that was read, and the offset of what follows it. */
export interface Read {
  readonly literal: KqlLiteral;
  readonly end: number;
}

/** Where in a query's text a literal is. */
interface Source {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const sources = new WeakMap<KqlLiteral, Source>();

/** Where in its query's text a literal begins; `undefined` for one that no parser made. */
export const offsetOf = (literal: KqlLiteral): number | undefined => sources.get(literal)?.start;

/** A literal as it is written in its query, for messages: cut if it is long; `undefined` for one that no parser made. */
export const sourceOf = (literal: KqlLiteral): string | undefined => {
  const source = sources.get(literal);
  return source && shortened(source.text.slice(source.start, source.end).trim(), 80);
};

/** Reads the quoted or unquoted literal at `start`; `undefined` if there is none, or if its quote is not closed. */
export const readLiteral = (text: string, start: number): Read | undefined => {
  const read = text[start] === '"' ? readQuoted(text, start) : readUnquoted(text, start);
  if (read) sources.set(read.literal, { text, start, end: read.end });
  return read;
};

const QUOTED = /"((?:[^"\\]|\\["\\]|\\(?!["\\]))*)"/y;
const QUOTED_ESCAPE = /\\(?:([trn])|u([0-9A-Fa-f]{4})|([\\"]))/g;

const readQuoted = (text: string, start: number): Read | undefined => {
  QUOTED.lastIndex = start;
  const match = QUOTED.exec(text);
  if (!match) return undefined;
  const value = match[1]!.replace(QUOTED_ESCAPE, (_, control, hex, plain) => plain ?? decode(control, hex));
  return { literal: { type: "quoted", value }, end: QUOTED.lastIndex };
};

/**
 * One unit of an unquoted literal, in the order of Kibana's grammar: an escaped control character, code unit, special
 * character or keyword; a star; any other character where no keyword starts. `not` also starts one inside a word. Before these, a run of
 * characters that begin neither an escape nor a keyword.
 */
const UNIT = new RegExp(
  [
    /([^\\():<>"*{}nN \t\r\n\u00a0]+)/,
    /\\([trn])/,
    /\\u([0-9A-Fa-f]{4})/,
    /\\([\\():<>"*{}]|[oO][rR]|[aA][nN][dD]|[nN][oO][tT])/,
    /(\*)/,
    /(?![ \t\r\n\u00a0](?:[oO][rR]|[aA][nN][dD])[ \t\r\n\u00a0]|[nN][oO][tT][ \t\r\n\u00a0])([^\\():<>"*{}])/,
  ]
    .map((unit) => unit.source)
    .join("|"),
  "y",
);

const readUnquoted = (text: string, start: number): Read | undefined => {
  const parts = [""];
  let end = start;
  for (;;) {
    UNIT.lastIndex = end;
    const match = UNIT.exec(text);
    if (!match) break;
    const [, run, control, hex, escaped, star, plain] = match;
    if (star) parts.push("");
    else parts[parts.length - 1] += run ?? escaped ?? plain ?? decode(control, hex);
    end = UNIT.lastIndex;
  }
  return end === start ? undefined : { literal: typed(trim(parts)), end };
};

const decode = (control: string | undefined, hex: string | undefined): string => {
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  return control === "t" ? "\t" : control === "r" ? "\r" : "\n";
};

/** Space around a literal is not part of it, even if escaped. */
const trim = (parts: readonly string[]): readonly string[] =>
  parts.map((part, index) => {
    const trimmed = index === 0 ? part.trimStart() : part;
    return index === parts.length - 1 ? trimmed.trimEnd() : trimmed;
  });

const typed = (parts: readonly string[]): KqlLiteral => {
  if (parts.length > 1) return { type: "wildcard", parts };
  const value = parts[0]!;
  if (value === "null") return { type: "null" };
  return value === "true" || value === "false"
    ? { type: "boolean", value: value === "true" }
    : { type: "unquoted", value };
};
