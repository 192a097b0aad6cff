import type { Event } from "../event.ts";
import type { Observation } from "./new-terms/observe.ts";

/** One event to observe in a history that several weirs share. All times are in milliseconds. */
export interface Ask {
  /** Whose history it is: the id of the component, and of the rule if it has several. */
  readonly owner: readonly string[];
  /** Names this event with its keys: whoever asks under the same name gets the same answer. */
  readonly once: string;
  /** What to observe: each is compared with what was known before the event. */
  readonly keys: readonly string[];
  /** The time of the event, since 1970. */
  readonly at: number;
  readonly window: number;
  readonly lateness: number;
}

/** A history of new terms that several weirs share, in a store outside of them. */
export interface SharedHistory {
  /** Announces, before the first event, how far back it will be asked. */
  needs?(horizon: Pick<Ask, "window" | "lateness">): void;
  /**
   * Observes events, each in one step that nobody can see a half of, in this order. Resolves to an observation for each key. If
   * it rejects, some may be observed: asked again, they get the answers that they have got already.
   */
  observe(asks: readonly Ask[], signal: AbortSignal): Promise<readonly (readonly Observation[])[]>;
}

/** What to ask for an event, and where the answer goes before the event is handled. */
export interface Asked {
  readonly ask: Ask;
  take(answer: readonly Observation[]): void;
}

/** Asks for an event before it is handled, if there is something to ask. */
export type AskAhead = (event: Event) => Asked | undefined;
