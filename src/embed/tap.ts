import { StoredEvent } from "../runtime/delivery/stored-event.ts";
import type { Missed, SeenEvent, Tap } from "../runtime/tap/tap.ts";

/** What to show of the events that pass. */
export interface TapOptions {
  /** Events that enter the components, instead of those that leave them. */
  readonly inputs?: boolean | undefined;
  /** A KQL query: only events that match are shown. */
  readonly where?: string | undefined;
  /** The most events to show in a second; 1,000 by default. */
  readonly rate?: number | undefined;
}

/** An event as it passed. `json`, `data` and `meta` are a copy of it. */
export class TappedEvent extends StoredEvent {
  /** The id of the component that it left or, with `inputs`, entered. */
  readonly component: string;
  /** The name of the output that it left by, if it is not the default one. */
  readonly output: string | undefined;

  constructor({ component, output, ...lines }: SeenEvent) {
    super(lines);
    this.component = component;
    this.output = output;
  }
}

/**
 * The events that pass some components, from the call of `tap` until the run ends, or the loop over it is left. It never holds up
 * the run: what is too much is not shown, and counted in `missed`.
 */
export class EventTap implements AsyncIterable<TappedEvent> {
  readonly #tap: Tap;
  readonly #missed: Record<keyof Missed, number> = { rate: 0, time: 0, slow: 0, unreadable: 0 };

  constructor(tap: Tap) {
    this.#tap = tap;
  }

  /**
   * How many of the events that passed before the last one shown are not shown, by reason. `rate`: there were more in a second
   * than `rate`. `time`: looking at them would have slowed the run. `slow`: the loop had not taken the earlier ones.
   * `unreadable`: their data is not JSON.
   */
  get missed(): Missed {
    return { ...this.#missed };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TappedEvent, void> {
    for await (const { events, missed } of this.#tap) {
      for (const reason of Object.keys(missed) as (keyof Missed)[]) this.#missed[reason] += missed[reason];
      for (const event of events) yield new TappedEvent(event);
    }
  }

  /** Ends it. What it has seen can still be read. */
  close(): void {
    this.#tap.close();
  }
}
