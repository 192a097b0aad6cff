import type { Delivery } from "weir";

export interface RecentLimits {
  /** Maximum number of kept events, and of their bytes. */
  readonly queue: number;
  readonly queue_size: number;
}

/** The latest events, numbered from 0 on in the order in which they came. */
export class Recent {
  readonly #limits: RecentLimits;
  #events: Delivery[] = [];
  #first = 0;
  #bytes = 0;

  constructor(limits: RecentLimits) {
    this.#limits = limits;
  }

  /** Number of the first event that is kept, and of the next one that comes. */
  get first(): number {
    return this.#first;
  }

  get end(): number {
    return this.#first + this.#events.length;
  }

  at(number: number): Delivery | undefined {
    return this.#events[number - this.#first];
  }

  add(events: readonly Delivery[]): void {
    for (const event of events) {
      this.#events.push(event);
      this.#bytes += event.json.length;
    }
  }

  /** Forgets the events before this one, and the oldest of those that exceed the limits. */
  trim(needed: number): void {
    const { queue, queue_size } = this.#limits;
    let gone = 0;
    const isExcess = () => this.#events.length - gone > queue || this.#bytes > queue_size;
    while (gone < this.#events.length && (this.#first + gone < needed || isExcess()))
      this.#bytes -= this.#events[gone++]!.json.length;
    this.#first += gone;
    this.#events = gone === this.#events.length ? [] : this.#events.slice(gone);
  }
}
