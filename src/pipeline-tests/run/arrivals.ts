import type { Data } from "../../json.ts";
import type { Delivery, Writer } from "../../plugin.ts";

/** An event that has arrived. */
export interface Arrival {
  readonly id: string;
  readonly data: Data;
}

/** The events that were written to one sink of a test, in order, also before a restart. */
export class Arrivals {
  /** Those that no expectation has taken yet. */
  left: Arrival[] = [];
  #count = 0;
  /** Ids of the last ones, which may be delivered again after a crash. */
  readonly #ids: string[] = [];

  /**
   * A writer of the next life of the sink. `recorded`: how many events it knows to be delivered. What comes again is left
   * out, as a receiver that knows the ids would do.
   */
  writer(recorded: unknown): Writer {
    const known = typeof recorded === "number" ? recorded : 0;
    const again = new Map<string, number>();
    for (const id of this.#ids.slice(known)) again.set(id, (again.get(id) ?? 0) + 1);
    return {
      write: async (events: readonly Delivery[]) => {
        for (const { id, data } of events) {
          const times = again.get(id) ?? 0;
          if (times > 0) again.set(id, times - 1);
          else this.#add({ id, data });
        }
        return { record: this.#count };
      },
    };
  }

  #add(arrival: Arrival): void {
    this.left.push(arrival);
    this.#ids.push(arrival.id);
    this.#count++;
  }
}
