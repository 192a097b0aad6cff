import { blockPadding, escapesAt, textAt, textLeaf, unescapedAt } from "../layout";
import { backslash } from "./grammar";
import { byte } from "./memory";
import { valueEnd, valueStart } from "./values";

// A record that is a text in another object: shippers write it so, with escapes.

/**
 * Writes the text that was last noted to `textAt`, without its escapes, and returns where it ends there; or 0 if it has an escape
 * for something beyond ASCII. The text is valid, and not longer than a record.
 */
export function unescapedText(): usize {
  let from = <usize>valueStart(textLeaf) + 1;
  const end = <usize>valueEnd(textLeaf) - 1;
  const backslashes = i8x16.splat(<i8>backslash);
  let to: usize = textAt;
  while (from < end) {
    const bytes = v128.load(from);
    v128.store(to, bytes);
    const stops = i8x16.bitmask(i8x16.eq(bytes, backslashes));
    const plain: usize = stops ? <usize>ctz(stops) : 16;
    if (plain >= end - from) {
      to += end - from;
      break;
    }
    from += plain;
    to += plain;
    if (!stops) continue;
    const escape = byte(from + 1);
    if (byte(escapesAt + escape) == 1) {
      store<u8>(to, <u8>byte(unescapedAt + escape));
      from += 2;
    } else {
      // \u00XX
      const high = digit(byte(from + 4));
      if (load<u16>(from, 2) != 0x3030 || high > 7) return 0;
      store<u8>(to, <u8>((high << 4) | digit(byte(from + 5))));
      from += 6;
    }
    to++;
  }
  for (let at: usize = 0; at < <usize>blockPadding; at += 16) v128.store(to + at, i64x2.splat(0));
  return to;
}

/** The value of a hexadecimal digit. */
// @ts-ignore: decorator
@inline
function digit(c: u32): u32 {
  return (c & 15) + (c > 0x39 ? 9 : 0);
}
