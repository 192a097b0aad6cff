const escapes = /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)/gs;
const short: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** Decodes text that Go quoted with `%q`; the quotes around it are not part of the argument (go.dev/ref/spec, "Rune literals"). */
export const unquote = (quoted: string): string =>
  quoted.includes("\\")
    ? quoted.replaceAll(escapes, (_, code: string) => {
        if (code.length === 1) return short[code] ?? code;
        const point = Number.parseInt(code.slice(1), 16);
        return point > 0x10ffff ? "\ufffd" : String.fromCodePoint(point);
      })
    : quoted;

/** Reads `"a","b"` as a list. Any other text is the only item. */
export const unquoteList = (list: string): readonly string[] => {
  if (!/^"(?:[^"\\]|\\.)*"(?:,"(?:[^"\\]|\\.)*")*$/s.test(list)) return [list];
  return [...list.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, item]) => unquote(item!));
};
