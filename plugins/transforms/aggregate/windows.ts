import { fingerprint, type Json, type State } from "weir";
import { parseJson } from "weir/fields";

/** A window of one group, with what each function remembers of it. */
export interface Window {
  /** Its end, in milliseconds since 1970. */
  readonly end: number;
  /** The values of the fields of `by`; null where an event has none. */
  readonly group: readonly (string | null)[];
  readonly memories: readonly Json[];
}

const digits = 15;
const timeOf = (time: number): string => String(Math.max(0, time)).padStart(digits, "0");

const windowOf = (id: string, text: string): Window => {
  const [group, memories] = parseJson(text) as [Window["group"], readonly Json[]];
  return { end: Number(id.slice(0, digits)), group, memories };
};

/** The open windows of a component, in its state. */
export class Windows {
  readonly #state: State;
  readonly #hasValues: boolean;

  /** `hasValues`: whether `isNew` is used. */
  constructor(state: State, hasValues: boolean) {
    this.#state = state;
    this.#hasValues = hasValues;
  }

  /** Identifies a window within an epoch. */
  static idOf(end: number, group: Window["group"]): string {
    return `${timeOf(end)}${fingerprint(JSON.stringify(group))}`;
  }

  get(id: string): Window | undefined {
    const text = this.#state.get(`w${id}`);
    return text === undefined ? undefined : windowOf(id, text);
  }

  /** Throws `StateFull` if there is no room. */
  set(id: string, { group, memories }: Window): void {
    this.#state.set(`w${id}`, JSON.stringify([group, memories]));
  }

  /** Remembers a value of a function's field; true if it is new in this window. */
  isNew(id: string, index: number, value: string): boolean {
    const key = `d${id}${index} ${fingerprint(value)}`;
    if (this.#state.get(key) !== undefined) return false;
    this.#state.set(key, "");
    return true;
  }

  /** The windows that end first. The one before may be deleted. */
  *first(): Generator<readonly [id: string, window: Window], void> {
    for (let page = this.#state.scan("w"); page.length > 0; page = this.#state.scan("w", { after: page.at(-1)![0] }))
      for (const [key, text] of page) yield [key.slice(1), windowOf(key.slice(1), text)];
  }

  delete(id: string): void {
    this.#state.delete(`w${id}`);
    if (!this.#hasValues) return;
    for (let page = this.#state.scan(`d${id}`); page.length > 0; page = this.#state.scan(`d${id}`))
      for (const [key] of page) this.#state.delete(key);
  }

  /** The highest time of an event so far. */
  get highest(): number {
    return Number(this.#state.get("highest") ?? Number.NEGATIVE_INFINITY);
  }

  set highest(time: number) {
    this.#state.set("highest", String(time));
  }
}
