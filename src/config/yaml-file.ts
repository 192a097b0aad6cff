import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { offsetInScalar } from "./scalar-offset.ts";
import { Lines, type Path, type Place, type SourceFile } from "./source-file.ts";

/** A YAML text, with the place of everything in it. */
export class YamlFile implements SourceFile {
  readonly name: string;
  readonly text: string;
  #document: Document | undefined;
  #lines: Lines | undefined;
  readonly #written = new Map<Scalar, Scalar>();
  readonly #pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  /** The text is parsed when it is first asked for. */
  get document(): Document {
    this.#document ??= parseDocument(this.text, {
      prettyErrors: false,
      // Not for standard error: its warnings are reported as problems.
      logLevel: "error",
      // checkSyntax looks for repeated keys: the parser compares each key with every other.
      uniqueKeys: false,
      merge: true,
    });
    return this.#document;
  }

  /** The node at a path, through anchors and merged maps. */
  node(path: Path): Node | undefined {
    let node: unknown = this.document.contents;
    for (const key of path) {
      const parent = this.#target(node);
      node = isSeq(parent) ? parent.items[Number(key)] : this.#pair(parent, key)?.value;
    }
    return this.#target(node);
  }

  scalar(path: Path): Scalar | undefined {
    const node = this.node(path);
    return isScalar(node) ? node : undefined;
  }

  /** Gives a scalar another value than the file has; its places stay those in the file. */
  replace(scalar: Scalar, value: string): void {
    this.#written.set(scalar, scalar.clone() as Scalar);
    scalar.value = value;
  }

  /** The place of the value at a path; without a value, of its key or else of what would contain it. */
  placeOf(path: Path): Place {
    const range = this.node(path)?.range;
    return range && range[1] > range[0] ? this.placeAt(range[0], range[1]) : this.placeOfKey(path);
  }

  /** The place of the key of the value at a path; for an item of a list, of the item. */
  placeOfKey(path: Path): Place {
    const last = path.at(-1);
    if (last === undefined) return this.placeAt(0, 0);
    const parent = this.node(path.slice(0, -1));
    const node = isSeq(parent) ? this.node(path) : this.#pair(parent, last)?.key;
    if (isNode(node) && node.range) return this.placeAt(node.range[0], node.range[1]);
    return this.placeOfKey(path.slice(0, -1));
  }

  /** The place of one character of a text value; `offset` is in the value as the file has it, after YAML's escapes. */
  placeIn(path: Path, offset: number): Place {
    const scalar = this.scalar(path);
    if (!scalar?.range) return this.placeOf(path);
    const at = offsetInScalar(this.text, this.#written.get(scalar) ?? scalar, offset);
    return this.placeAt(at, at + 1);
  }

  /** From one offset to another, but not beyond the end of the line. */
  placeAt(from: number, to: number): Place {
    this.#lines ??= new Lines(this.text);
    return this.#lines.placeAt(from, to);
  }

  #target(node: unknown): Node | undefined {
    if (isAlias(node)) return node.resolve(this.document);
    return isNode(node) ? node : undefined;
  }

  #pair(node: unknown, key: string | number): Pair | undefined {
    if (!isMap(node)) return undefined;
    const own = this.#ownPairs(node).get(String(key));
    if (own) return own;
    for (const pair of node.items)
      if (isMerge(pair)) {
        const merged = this.#target(pair.value);
        const sources = isSeq(merged) ? merged.items.map((item) => this.#target(item)) : [merged];
        for (const source of sources) {
          const found = this.#pair(source, key);
          if (found) return found;
        }
      }
    return undefined;
  }

  /** The pairs of a map by key: the first of each key. */
  #ownPairs(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = this.#pairs.get(map) ?? new Map(map.items.toReversed().map((pair) => [keyOf(pair), pair]));
    this.#pairs.set(map, known);
    return known;
  }
}

/** A key that is a list or a map has no name. */
const keyOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : "");

const isMerge = ({ key }: Pair): boolean => isScalar(key) && key.source === "<<";
