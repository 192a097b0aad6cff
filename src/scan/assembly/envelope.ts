import { blockPadding, textAt, textLeaf } from "../layout";
import { unescaped } from "./unescaped";
import { valueEnd, valueStart } from "./values";

// A record that is a text in another object: shippers write it so, with escapes.

/**
 * Writes the text that was last noted to `textAt`, without its escapes, and returns where it ends there; or 0 if it has an escape
 * for something beyond ASCII. The text is valid, and not longer than a record.
 */
export function unescapedText(): usize {
  const to = unescaped(<usize>valueStart(textLeaf) + 1, <usize>valueEnd(textLeaf) - 1, textAt);
  if (to) for (let at: usize = 0; at < <usize>blockPadding; at += 16) v128.store(to + at, i64x2.splat(0));
  return to;
}
