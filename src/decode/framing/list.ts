import type { Data } from "../../json.ts";
import { parseJson } from "../../parse-json.ts";
import type { Span } from "../json-scan.ts";

/** When an object with a list under `items` is cut into the list's elements; otherwise it is one record. */
export type SplitItems = "auto" | "always" | "never";

/**
 * Recognises one kind of list by its members, and returns the members that its items inherit; undefined for any other
 * object. Only this function knows the names of the members.
 */
export type ListKind = (list: ListMembers) => Data | undefined;

/** The most names that are remembered of an object: a list has few members besides its items. */
const mostNames = 1_000;
/** The longest value that is parsed, in bytes: what says which kind of list it is, is short. */
const longestValue = 1_000;

/** The other members of an object with a list under `items`, of its first names. Values are parsed on demand, once. */
export class ListMembers {
  readonly #bytes: Buffer;
  readonly #spans = new Map<string, Span>();
  readonly #values = new Map<string, unknown>();

  /** `bytes`: the buffer that the spans refer to. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  add(name: string, value: Span): void {
    if (this.#spans.size >= mostNames && !this.#spans.has(name)) return;
    this.#spans.set(name, value);
    this.#values.delete(name);
  }

  /** The member's value; undefined if it is missing or not JSON. */
  get(name: string): unknown {
    if (!this.#values.has(name)) this.#values.set(name, this.#parse(this.#spans.get(name)));
    return this.#values.get(name);
  }

  #parse(span: Span | undefined): unknown {
    if (!span || span.end - span.start > longestValue) return undefined;
    try {
      return parseJson(this.#bytes.toString("utf8", span.start, span.end));
    } catch {
      return undefined;
    }
  }
}
