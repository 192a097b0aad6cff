import { fieldValues } from "../../fields/values.ts";
import type { Data } from "../../json.ts";
import { type State, StateFull } from "../../state.ts";
import { TimedKeys } from "../../timed-keys/timed-keys.ts";
import type { Note } from "../../transform/transform.ts";
import { type Hash, tuple } from "../hash.ts";
import { type Document, decodeDocument, encodeDocument } from "./documents.ts";

/** Returns whether there is room for more; or, if that is why something of the event is left, how much of it was taken. */
type Take = (document: Document, taken: number) => boolean | number;

export interface OrderingOptions {
  readonly state: State;
  readonly hash: Hash;
  /** How long after its time an event can come, in milliseconds. */
  readonly lateness: number;
  /** The field that puts events of the same time in order. */
  readonly tiebreaker: string | undefined;
}

/** Holds events until no earlier one can come, and gives them in the order of time, tiebreaker and arrival. */
export class Ordering {
  readonly #state: State;
  readonly #held: TimedKeys;
  /** The ids of the events that are held, each with how much of it was taken. */
  readonly #ids: State;
  readonly #hash: Hash;
  readonly #lateness: number;
  readonly #tie: (data: Data) => string;

  constructor({ state, hash, lateness, tiebreaker }: OrderingOptions) {
    this.#state = state;
    this.#held = new TimedKeys(state);
    this.#ids = state.scope("ids");
    this.#hash = hash;
    this.#lateness = lateness;
    this.#tie = tiebreaker === undefined ? () => "" : tieOf(tiebreaker);
  }

  /** Holds an event once: a client that had no answer may have sent it again, which is noted as `repeated`. */
  hold(document: Document, note: Note): boolean {
    const id = this.#idOf(document);
    if (this.#ids.get(id) !== undefined) {
      note("repeated");
      return false;
    }
    try {
      this.#ids.set(id, takenText(0));
      // Of a constant length, so that a full state has room for each change.
      const count = (Number(this.#state.get(counter) ?? 0) + 1).toFixed().padStart(15, "0");
      this.#state.set(counter, count);
      const key = `${this.#tie(document.data)}\u0000${count}`;
      this.#held.set(key, encodeDocument(document), document.at + this.#lateness + 1);
      return true;
    } catch (error) {
      if (!(error instanceof StateFull)) throw error;
      this.#ids.delete(id);
      note("state_full");
      return false;
    }
  }

  /**
   * Gives the events whose time is over, in order. `take` gets how much of an event was taken before, and returns how much
   * that is now, if there is more and no room for it. False when there is no room for more.
   */
  release(tick: { readonly now: number; readonly final: boolean }, take: Take): boolean {
    let hasRoom = true;
    this.#held.tick(tick, (_key, text, isFull) => {
      const document = decodeDocument(text);
      const id = this.#idOf(document);
      const taken = take(document, Number(this.#ids.get(id) ?? 0));
      hasRoom = taken === true;
      if (typeof taken === "number") {
        this.#ids.set(id, takenText(taken));
        return "again";
      }
      this.#ids.delete(id);
      if (!hasRoom) isFull();
      return undefined;
    });
    return hasRoom;
  }

  #idOf({ id }: Document): string {
    return this.#hash(tuple([id]));
  }
}

const counter = "count";

/** Of a constant length, so that a full state has room for each change. */
const takenText = (taken: number): string => taken.toFixed().padStart(4, "0");

const number = /^-?\d{1,40}(\.\d{1,40})?$/;

/** The most characters of a tiebreaker that count. */
const longest = 256;

/** The tiebreaker as a text whose order is that of its values: numbers, texts, and events without one. */
const tieOf = (field: string) => {
  const values = fieldValues(field);
  return (data: Data): string => {
    const [value] = values(data);
    if (value === undefined) return "3";
    return number.test(value) ? `1${sortable(Number(value))}` : `2${value.slice(0, longest).toWellFormed()}`;
  };
};

/** The bits of a double as digits, so that their order as text is their order as numbers. */
const sortable = (value: number): string => {
  const view = new DataView(new ArrayBuffer(8));
  // Minus zero is zero.
  view.setFloat64(0, value + 0);
  const bits = view.getBigUint64(0);
  const sign = 1n << 63n;
  const ordered = bits & sign ? ~bits & (sign * 2n - 1n) : bits | sign;
  return ordered.toString(16).padStart(16, "0");
};
