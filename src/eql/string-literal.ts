import { EqlSyntaxError } from "./error.ts";

/** A string that was read, and the offset of what follows it. */
interface ReadString {
  readonly value: string;
  readonly end: number;
}

const RAW = '"""';
const escapes: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  '"': '"',
  "\\": "\\",
};

const CLOSE = 'Close the string with another ", or write \\" for the character itself.';
const PLAIN = /[^"\\\r\n]*/y;
const UNICODE = /\\u\{([0-9A-Fa-f]{2,8})\}/y;

/** Reads the string whose quote is at `start`. Throws an `EqlSyntaxError`. */
export const readString = (text: string, start: number): ReadString =>
  text.startsWith(RAW, start) ? readRaw(text, start) : readEscaped(text, start);

/** Everything up to three quotes; of more than three, the last three close the string. */
const readRaw = (text: string, start: number): ReadString => {
  const close = text.indexOf(RAW, start + 3);
  const line = text.slice(start, close < 0 ? undefined : close).search(/[\r\n]/);
  if (line >= 0) throw unclosed(start, 'A raw string ends on its line; write "…\\n…" for a text with several lines.');
  if (close < 0) throw unclosed(start, `Close the raw string with another ${RAW}.`);
  let end = close + 3;
  while (end < close + 5 && text[end] === '"') end++;
  return { value: text.slice(start + 3, end - 3), end };
};

const readEscaped = (text: string, start: number): ReadString => {
  let value = "";
  for (let at = start + 1; ; ) {
    PLAIN.lastIndex = at;
    PLAIN.test(text);
    value += text.slice(at, PLAIN.lastIndex);
    at = PLAIN.lastIndex;
    if (text[at] === '"') return { value, end: at + 1 };
    if (text[at] !== "\\")
      throw unclosed(start, at === text.length ? CLOSE : "A string ends on its line; write \\n for the end of a line.");
    const escaped = readEscape(text, at);
    value += escaped.value;
    at = escaped.end;
  }
};

const readEscape = (text: string, at: number): ReadString => {
  const letter = text[at + 1];
  if (letter !== undefined && Object.hasOwn(escapes, letter)) return { value: escapes[letter]!, end: at + 2 };
  UNICODE.lastIndex = at;
  const code = UNICODE.exec(text);
  if (!code) {
    const found = JSON.stringify(text.slice(at, at + 2))
      .slice(1, -1)
      .replaceAll("\\\\", "\\");
    const hint =
      letter === "u"
        ? "Write a character by its code as \\u{200f}, with 2 to 8 hexadecimal digits."
        : 'Write \\\\ for a backslash, or put the text between """ and """, where a backslash is itself.';
    throw new EqlSyntaxError(`"${found}" is not an escape.`, hint, at);
  }
  const point = Number.parseInt(code[1]!, 16);
  if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
    throw new EqlSyntaxError(`"${code[0]}" is not a character.`, "Write the code of a Unicode character.", at);
  return { value: String.fromCodePoint(point), end: UNICODE.lastIndex };
};

const unclosed = (start: number, hint: string) => new EqlSyntaxError("The string is not closed.", hint, start);

/** Writes a string so that reading it gives the same one. */
export const writeString = (value: string): string =>
  `"${value.replace(/["\\\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => written(character))}"`;

const written = (character: string): string => {
  if (character === '"' || character === "\\") return `\\${character}`;
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  return `\\u{${character.charCodeAt(0).toString(16).padStart(4, "0")}}`;
};
