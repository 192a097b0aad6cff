/** Numbers that follow from a seed: mulberry32. Each call returns a whole number below `below`. */
export const randomOf = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) % below;
  };
};

const pieces = [
  ...'{}[]",:\\/ \t\r-+.0123456789eEtrufalsn',
  ..."\x00\x01\x1f\x7f\x80\xc3\xff",
  ...[
    '""',
    "{}",
    "[]",
    "\\u00e9",
    "\\ud83d",
    "\\u00g0",
    "\\x",
    "\\n",
    '\\"',
    "true",
    "null",
    "1.5e+3",
    "-0",
    "01",
    "1.",
  ],
  ...['"a":1,', ',"verb":"get"', '"objectRef":{"resource":"secrets"},', '"objectRef":null,', '"user.name":1,', '"":0,'],
  ...[
    '"ver\\u0062":"get",',
    '"verb":"",',
    '"verb":["get"],',
    "[[[[[[[[[[[[",
    "]]]]]]]]]]]]",
    "  ",
    '"'.padStart(40, "x"),
  ],
];

/** A record, as bytes in latin1, in which a few things have changed. Most changes are small, so that many records stay valid. */
export const mutated = (record: string, random: (below: number) => number): string => {
  let text = record;
  for (let edits = random(4); edits > 0; edits--) {
    const at = random(text.length + 1);
    const piece = pieces[random(pieces.length)]!;
    const kind = random(8);
    if (kind === 0) text = text.slice(0, at) + text.slice(at + 1 + random(3));
    else if (kind === 1) text = text.slice(0, at) + piece + text.slice(at + piece.length);
    else if (kind === 2) text = text.slice(0, at) + piece + text.slice(at);
    else if (kind === 3) text = random(10) === 0 ? text.slice(0, at) : text;
    else if (kind === 4) text = atMember(text, at, piece);
    else if (kind === 5) text = text.slice(0, at) + text.slice(at, at + random(60)) + text.slice(at);
    else if (kind === 6) text = swapped(text, at, random(text.length + 1));
    else text = text.replace(/([,:{}[\]])(?=")/, "$1 ");
  }
  return text.replaceAll("\n", " ");
};

/** Puts a piece where the next member begins: it stays valid if the piece is a member. */
const atMember = (text: string, at: number, piece: string): string => {
  const brace = text.indexOf('{"', at);
  const comma = text.indexOf(',"', at);
  const place = brace < 0 || (comma >= 0 && comma < brace) ? comma : brace;
  return place < 0 ? text : text.slice(0, place + 1) + piece + text.slice(place + 1);
};

/** Exchanges a text for another. */
const swapped = (text: string, one: number, other: number): string => {
  const first = /"[^"\\]*"/.exec(text.slice(one));
  const second = /"[^"\\]*"/.exec(text.slice(other));
  if (first === null || second === null) return text;
  const start = one + first.index;
  return text.slice(0, start) + second[0] + text.slice(start + first[0].length);
};
