import { type CharSet, charsOf, negated, none, union, wordChars } from "./char-set.ts";

/** A part of a pattern. */
export type Node =
  | { readonly is: "set"; readonly set: CharSet }
  | { readonly is: "sequence" | "choice"; readonly nodes: readonly Node[] }
  | { readonly is: "repeat"; readonly node: Node; readonly min: number; readonly max: number; readonly greedy: boolean }
  | { readonly is: "capture"; readonly node: Node; readonly index: number }
  | Edge
  | { readonly is: "look"; readonly node: Node; readonly negative: boolean };

/** Between two characters: the one before or after is in the set, or there is none and `orNone` is true. */
export interface Edge {
  readonly is: "edge";
  readonly side: "before" | "after";
  readonly set: CharSet;
  readonly orNone: boolean;
}

export const edge = (side: Edge["side"], set: CharSet, orNone: boolean): Node => ({ is: "edge", side, set, orNone });

/** One node after the other; a single one is itself. */
export const sequence = (...nodes: readonly Node[]): Node =>
  nodes.length === 1 ? nodes[0]! : { is: "sequence", nodes };

/** The first of the nodes that matches; a single one is itself. */
export const choice = (...nodes: readonly Node[]): Node => (nodes.length === 1 ? nodes[0]! : { is: "choice", nodes });

export const empty: Node = sequence();

export const textStart = edge("before", none, true);
export const textEnd = edge("after", none, true);

const notWord = negated(wordChars);

/** Escapes for a place between two characters, such as `\b`. */
export const places: Readonly<Record<string, Node>> = {
  b: choice(
    sequence(edge("before", wordChars, false), edge("after", notWord, true)),
    sequence(edge("before", notWord, true), edge("after", wordChars, false)),
  ),
  B: choice(
    sequence(edge("before", wordChars, false), edge("after", wordChars, false)),
    sequence(edge("before", notWord, true), edge("after", notWord, true)),
  ),
  A: textStart,
  z: textEnd,
  // Before a last line end, too.
  Z: choice(textEnd, { is: "look", negative: false, node: sequence({ is: "set", set: charsOf("\n") }, textEnd) }),
};

/** The set of a node that is exactly one character; undefined for another node. */
export const singleSet = (node: Node): CharSet | undefined => {
  if (node.is === "set") return node.set;
  if (node.is === "capture") return singleSet(node.node);
  if (node.is !== "choice") return undefined;
  const sets = node.nodes.map(singleSet);
  return sets.every((set) => set !== undefined) ? union(...sets) : undefined;
};
