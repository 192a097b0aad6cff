import type { Data, State } from "weir";
import { parseJson } from "weir/fields";
import { type Look, TimedKeys } from "weir/state";

/** The events of a key so far. */
export interface Group {
  /** The id of the first event. */
  readonly first: string;
  readonly count: number;
  /** The length of their JSON, in UTF-16 units. */
  readonly size: number;
  /** The time of the last event, in milliseconds since 1970. */
  readonly to: number;
  /** Which group of the component it is: an event that comes again may begin another. Those of older versions have none. */
  readonly number: number | undefined;
}

const digits = 6;
const counter = "n";

/** The open groups of a component, in its state. An event is written once, however many are in its group. */
export class Groups {
  readonly #state: State;
  readonly #keys: TimedKeys;

  constructor(state: State) {
    this.#state = state;
    this.#keys = new TimedKeys(state);
  }

  get(key: string): Group | undefined {
    const text = this.#keys.get(key);
    return text === undefined ? undefined : groupOf(text);
  }

  /** The number of a new group. Throws `StateFull` if there is no room. */
  next(): number {
    const number = Number(this.#state.get(counter) ?? 0) + 1;
    this.#state.set(counter, String(number).padStart(15, "0"));
    return number;
  }

  /** Adds an event as JSON; `group` counts it already. Throws `StateFull` if there is no room. */
  add(key: string, group: Group, json: string, due: number): void {
    this.#keys.set(key, textOf(group), due);
    this.#state.set(`e${key} ${String(group.count).padStart(digits, "0")}`, json);
  }

  /** Removes a group. Returns its events. */
  take(key: string): Data[] {
    this.#keys.delete(key);
    const events: Data[] = [];
    const prefix = `e${key} `;
    for (let page = this.#state.scan(prefix); page.length > 0; page = this.#state.scan(prefix))
      for (const [part, json] of page) {
        events.push(parseJson(json) as Data);
        this.#state.delete(part);
      }
    return events;
  }

  /** As `TimedKeys.tick`. `look` keeps a group until another time, or takes it. */
  tick(
    time: { readonly now: number; readonly final: boolean },
    look: (key: string, group: Group, isFull: () => void) => number | undefined,
  ): void {
    this.#keys.tick(time, (key, value, isFull): Look => {
      const due = look(key, groupOf(value), isFull);
      return due === undefined ? undefined : { value, due };
    });
  }
}

const textOf = ({ first, count, size, to, number }: Group): string => JSON.stringify([first, count, size, to, number]);

const groupOf = (text: string): Group => {
  const [first, count, size, to, number] = JSON.parse(text) as [
    string,
    number,
    number,
    number,
    number | null | undefined,
  ];
  return { first, count, size, to, number: number ?? undefined };
};
