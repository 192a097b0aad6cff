/** Tests a whole text against the texts between a pattern's stars, where each star stands for any text, even none. */
export const compileGlob = (parts: readonly string[]): ((text: string) => boolean) => {
  const first = parts[0]!;
  const last = parts.at(-1)!;
  const middle = parts.slice(1, -1).filter((part) => part !== "");
  const shortest = parts.reduce((length, part) => length + part.length, 0);
  if (parts.length === 1) return (text) => text === first;
  if (shortest === 0) return () => true;
  if (middle.length === 0) {
    if (first === "") return (text) => text.endsWith(last);
    if (last === "") return (text) => text.startsWith(first);
    return (text) => text.length >= shortest && text.startsWith(first) && text.endsWith(last);
  }
  if (middle.length === 1 && first === "" && last === "") return (text) => text.includes(middle[0]!);
  return (text) =>
    text.length >= shortest &&
    text.startsWith(first) &&
    text.endsWith(last) &&
    inOrder(text, middle, first.length, text.length - last.length);
};

/** The earliest match of each part leaves the most room for the rest. */
const inOrder = (text: string, parts: readonly string[], start: number, end: number): boolean => {
  let at = start;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= end;
};

/** Splits a pattern at its spaces, as a query string does; each piece is a pattern. */
export const splitAtSpaces = (parts: readonly string[]): readonly (readonly string[])[] => {
  const pieces: string[][] = [[]];
  for (const part of parts) {
    const [head = "", ...rest] = part.split(/\s+/);
    pieces.at(-1)!.push(head);
    for (const text of rest) pieces.push([text]);
  }
  return pieces.filter((piece) => piece.length > 1 || piece[0] !== "");
};
