import type { Data } from "../../json.ts";
import type { Span } from "../json-scan.ts";

/** When an object with a list under `items` is cut into the list's elements; otherwise it is one record. */
export type SplitItems = "auto" | "always" | "never";

/**
 * Knows one kind of list: what every item of a list with these members has, unless the item says so itself; undefined
 * for a list of another kind. Nothing but it knows the names of the members.
 */
export type ListKind = (list: ListMembers) => Data | undefined;

/** What an object with a list in it says beside the list. Its values are parsed when somebody asks for them. */
export class ListMembers {
  readonly #bytes: Buffer;
  readonly #spans = new Map<string, Span>();

  /** `bytes` are those that the spans are places in. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  add(name: string, value: Span): void {
    this.#spans.set(name, value);
  }

  /** The member's value; undefined where there is none, or it is not JSON. */
  get(name: string): unknown {
    const span = this.#spans.get(name);
    if (!span) return undefined;
    try {
      return JSON.parse(this.#bytes.toString("utf8", span.start, span.end));
    } catch {
      return undefined;
    }
  }
}
