import { masksAt } from "../layout";

// Addresses are `usize`; nothing here checks them. The block is followed by bytes that end whatever is read of it, and every
// table by other tables, so that 16 bytes can be loaded at once wherever a byte is.

/** The byte at an address. */
// @ts-ignore: decorator
@inline
export function byte(at: usize): u32 {
  return load<u8>(at);
}

/** Whether two runs of bytes are the same. */
// @ts-ignore: decorator
@inline
export function same(one: usize, other: usize, length: u32): bool {
  let at: usize = 0;
  for (const whole: usize = length & ~15; at < whole; at += 16) {
    if (v128.any_true(v128.xor(v128.load(one + at), v128.load(other + at)))) return false;
  }
  const rest = v128.load(masksAt + ((length & 15) << 4));
  return !v128.any_true(v128.and(v128.xor(v128.load(one + at), v128.load(other + at)), rest));
}

/** Where a byte is next, from an address on: it must be there. */
export function find(wanted: u32, from: usize): usize {
  const each = i8x16.splat(<i8>wanted);
  let found = i8x16.bitmask(i8x16.eq(v128.load(from), each));
  while (!found) {
    from += 16;
    found = i8x16.bitmask(i8x16.eq(v128.load(from), each));
  }
  return from + ctz(found);
}
