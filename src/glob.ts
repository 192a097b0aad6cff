/**
 * Tests a whole text against the texts between a pattern's stars, where each star stands for any text, even none. It takes
 * time in proportion to the text, however many stars there are.
 */
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
  const finds = middle.map(finderOf);
  if (finds.length === 1 && first === "" && last === "") return (text) => finds[0]!(text, 0) >= 0;
  const lengths = middle.map((part) => part.length);
  return (text) =>
    text.length >= shortest &&
    text.startsWith(first) &&
    text.endsWith(last) &&
    inOrder(text, finds, lengths, first.length) <= text.length - last.length;
};

/** Where a part begins in a text, from a position on; -1 if it does not occur. */
type Find = (text: string, from: number) => number;

/** Where the last part ends. The earliest match of each part leaves the most room for the rest. */
const inOrder = (text: string, finds: readonly Find[], lengths: readonly number[], start: number): number => {
  let at = start;
  for (let index = 0; index < finds.length; index++) {
    const found = finds[index]!(text, at);
    if (found < 0) return Number.POSITIVE_INFINITY;
    at = found + lengths[index]!;
  }
  return at;
};

/** `indexOf` compares up to the whole part at each position of the text, which is too slow for a longer part than this. */
const shortPart = 64;

/** Finds a text in others, in time that is in proportion to the other text. */
export const finderOf = (part: string): Find => {
  if (part.length <= shortPart) return (text, from) => text.indexOf(part, from);
  const borders = bordersOf(part);
  return (text, from) => {
    let matched = 0;
    for (let at = from; at < text.length; at++) {
      while (matched > 0 && text.charCodeAt(at) !== part.charCodeAt(matched)) matched = borders[matched - 1]!;
      if (text.charCodeAt(at) === part.charCodeAt(matched)) matched++;
      if (matched === part.length) return at - part.length + 1;
    }
    return -1;
  };
};

/** For each prefix of the text, the length of its longest proper prefix that is also its suffix (Knuth, Morris, Pratt). */
const bordersOf = (text: string): Uint32Array => {
  const borders = new Uint32Array(text.length);
  for (let at = 1; at < text.length; at++) {
    let length = borders[at - 1]!;
    while (length > 0 && text.charCodeAt(at) !== text.charCodeAt(length)) length = borders[length - 1]!;
    borders[at] = text.charCodeAt(at) === text.charCodeAt(length) ? length + 1 : 0;
  }
  return borders;
};
