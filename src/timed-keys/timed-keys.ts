import type { State } from "../state.ts";
import { digits, timeOf, timerKey, valueKey } from "./stored.ts";

/**
 * What to do with a key whose time has come: keep it with a value until the next time, or forget it. With `"again"` it stays as
 * it is, and the next tick begins with it.
 */
export type Look = { readonly value: string; readonly due: number } | "again" | undefined;

/**
 * Values by key in a transform's state, each with a time at which to look at it again, in milliseconds since 1970 on the axis
 * of `meta.ingested`. Nothing expires by itself: `tick` looks at what is due, and forgets what is over. So a clock that is set
 * back neither revives nor loses anything. A key may contain any text.
 */
export class TimedKeys {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  get(key: string): string | undefined {
    return this.#state.get(valueKey(key))?.slice(digits);
  }

  /**
   * Throws `StateFull` if there is no room, and changes nothing then. A time that is later than the one before costs no
   * further write.
   */
  set(key: string, value: string, due: number): void {
    const before = this.#state.get(valueKey(key))?.slice(0, digits);
    const time = timeOf(due);
    if (before !== undefined && time >= before) {
      this.#state.set(valueKey(key), before + value);
      return;
    }
    this.#state.set(valueKey(key), time + value);
    if (before !== undefined) this.#state.delete(timerKey(before, key));
    try {
      this.#state.set(timerKey(time, key), "");
    } catch (error) {
      this.#state.delete(valueKey(key));
      throw error;
    }
    this.#state.wake(Number(time));
  }

  delete(key: string): void {
    const before = this.#state.get(valueKey(key))?.slice(0, digits);
    if (before === undefined) return;
    this.#state.delete(valueKey(key));
    this.#state.delete(timerKey(before, key));
  }

  /** All keys with their values, in the order of their times. Meanwhile they may be set to later times, or deleted. */
  *entries(): Iterable<readonly [key: string, value: string]> {
    for (let page = this.#state.scan("t"); page.length > 0; ) {
      for (const [timer] of page) {
        const key = timer.slice(digits + 1);
        yield [key, this.get(key) ?? ""];
      }
      page = this.#state.scan("t", { after: page.at(-1)![0] });
    }
  }

  /**
   * Looks at the keys whose time has come, in the order of their times, and at all keys if the tick is `final`. `look` gets
   * a key and its value, and may emit. When it calls `isFull`, the rest waits for the next tick.
   */
  tick(
    { now, final }: { readonly now: number; readonly final: boolean },
    look: (key: string, value: string, isFull: () => void) => Look,
  ): void {
    const last = timeOf(now);
    let isFull = false;
    const full = () => {
      isFull = true;
    };
    for (let page = this.#state.scan("t"); page.length > 0; page = this.#state.scan("t"))
      for (const [timer] of page) {
        const time = timer.slice(1, digits + 1);
        if (time > last && !final) {
          this.#state.wake(Number(time));
          return;
        }
        const key = timer.slice(digits + 1);
        const next = look(key, this.get(key) ?? "", full);
        if (next === "again") return;
        this.delete(key);
        // Times before 1970 are all stored as 0: what is looked at again must be later than this tick, or it would never end.
        // In a final tick nothing is due later: the time ends.
        if (next && !final) this.set(key, next.value, Math.max(next.due, now + 1, Number(last) + 1));
        if (isFull) return;
      }
  }
}
