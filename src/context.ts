import type { Clock } from "./clock.ts";
import type { Options } from "./option/option.ts";

/** A component's log; the host adds the component's id and type to each line. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Powers that every component has. What is not in its context, a plugin does not do; time comes from `clock` only. */
export interface Context<C> {
  /** Id of the component in its pipeline. */
  readonly id: string;
  readonly config: C;
  readonly clock: Clock;
  /**
   * Aborts when the component is to stop: a source stops reading, a sink gives up waiting. A transform's aborts later,
   * when nothing that it still does can count.
   */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Counts a request or a message that was not taken, for the metrics; `reason` is a short, stable word. */
  readonly refused?: ((reason: string) => void) | undefined;
}

export interface Described<O extends Options> {
  /** As written under `type:` in a pipeline: snake_case. */
  readonly name: string;
  /** One sentence, for lists and the reference page. */
  readonly summary: string;
  readonly options: O;
  /** Markdown for the reference page: what a user must know beyond the options. */
  readonly notes?: string;
}
