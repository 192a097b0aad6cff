import { escapesAt, unescapedAt } from "../layout";
import { backslash, quote } from "./grammar";
import { byte } from "./memory";

/**
 * Writes a valid text to `to`, without its escapes, and returns where it ends there; or 0 if it has an escape for something beyond
 * ASCII. Up to 16 bytes after its end may be overwritten.
 */
export function unescaped(from: usize, end: usize, to: usize): usize {
  const backslashes = i8x16.splat(<i8>backslash);
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
  return to;
}

/** Whether a text needs no escapes: it has no quotes, backslashes and control characters. */
export function isPlain(at: usize, end: usize): bool {
  for (; at < end; at++) {
    const c = byte(at);
    if (c < 0x20 || c == quote || c == backslash) return false;
  }
  return true;
}

/** The value of a hexadecimal digit. */
// @ts-ignore: decorator
@inline
function digit(c: u32): u32 {
  return (c & 15) + (c > 0x39 ? 9 : 0);
}
