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

/** The other members of an object with a list under `items`. Values are parsed on demand. */
export class ListMembers {
  readonly #bytes: Buffer;
  readonly #spans = new Map<string, Span>();

  /** `bytes`: the buffer that the spans refer to. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  add(name: string, value: Span): void {
    this.#spans.set(name, value);
  }

  /** The member's value; undefined if it is missing or not JSON. */
  get(name: string): unknown {
    const span = this.#spans.get(name);
    if (!span) return undefined;
    try {
      return parseJson(this.#bytes.toString("utf8", span.start, span.end));
    } catch {
      return undefined;
    }
  }
}
