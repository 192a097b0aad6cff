const space = 0x20;
export const quote = 0x22;
const comma = 0x2c;
const open = 0x7b;
const openList = 0x5b;
const close = 0x7d;
const closeList = 0x5d;
const backslash = 0x5c;

/** Takes the positions of a member: its name without the quotes, and its value. Returns false to stop. */
export type TakeMember = (name: number, start: number, end: number) => boolean;

/**
 * Reports the members of the object that begins at `at` in a JSON text, whose names have no escapes. The text is known to be valid, so
 * nothing is checked. Returns false if `take` stopped.
 */
export const eachMember = (text: string, at: number, take: TakeMember): boolean => {
  let next = afterSpace(text, at + 1);
  while (text.charCodeAt(next) === quote) {
    const name = next + 1;
    const colon = afterSpace(text, text.indexOf('"', name) + 1);
    const start = afterSpace(text, colon + 1);
    const end = valueEnd(text, start);
    if (!take(name, start, end)) return false;
    next = afterSpace(text, end);
    if (text.charCodeAt(next) === comma) next = afterSpace(text, next + 1);
  }
  return true;
};

const afterSpace = (text: string, at: number): number => {
  let next = at;
  while (text.charCodeAt(next) <= space) next++;
  return next;
};

const valueEnd = (text: string, at: number): number => {
  const first = text.charCodeAt(at);
  if (first === quote) return stringEnd(text, at + 1);
  if (isOpening(first)) return containerEnd(text, at);
  let end = at + 1;
  // A number or a literal.
  for (let unit = text.charCodeAt(end); unit > space && unit !== comma && unit !== close; )
    unit = text.charCodeAt(++end);
  return end;
};

/** The index after the quote that closes a string. */
const stringEnd = (text: string, from: number): number => {
  let at = text.indexOf('"', from);
  while (text.charCodeAt(at - 1) === backslash && isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at + 1;
};

/** Whether there is an odd number of backslashes before this index. */
const isEscaped = (text: string, at: number): boolean => {
  let from = at;
  while (text.charCodeAt(from - 1) === backslash) from--;
  return (at - from) % 2 === 1;
};

const containerEnd = (text: string, from: number): number => {
  let depth = 0;
  for (let at = from; ; ) {
    const unit = text.charCodeAt(at++);
    if (unit === quote) at = stringEnd(text, at);
    else if (isOpening(unit)) depth++;
    else if ((unit === close || unit === closeList) && --depth === 0) return at;
  }
};

const isOpening = (unit: number): boolean => unit === open || unit === openList;

/** Whether a value begins like an object or an array. */
export const isContainerText = (text: string): boolean => isOpening(text.charCodeAt(0));

export const isObjectAt = (text: string, at: number): boolean => text.charCodeAt(at) === open;
