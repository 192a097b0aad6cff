import type { Clock } from "./clock.ts";
import type { Config, Options } from "./option/option.ts";

/** A component's log; the host adds the component's id and type to each line. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Where weir runs, and which weir it is. */
export interface Deployment {
  /** The name of the machine, or `host` from the pipeline if it is set. */
  readonly host: string;
  /** The name of the cluster: `cluster` from the pipeline. */
  readonly cluster?: string | undefined;
  /** The version of weir. */
  readonly version: string;
}

/** What every component gets from the host. A plugin must use nothing else, and must read the time only from `clock`. */
export interface Context<C> {
  /** Id of the component in its pipeline. */
  readonly id: string;
  readonly config: C;
  readonly clock: Clock;
  /**
   * Aborts when the component must stop: a source stops reading, a sink stops waiting. A transform's signal aborts later, when
   * its results are no longer used.
   */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Where weir runs, for sources and transforms; absent while a pipeline is only checked. */
  readonly deployment?: Deployment | undefined;
  /** Counts refused requests or messages in the metrics, one by default. `reason` is a short, stable word. */
  readonly refused?: ((reason: string, count?: number) => void) | undefined;
}

export interface Described<O extends Options> {
  /** As written under `type:` in a pipeline: snake_case. */
  readonly name: string;
  /** One sentence, for lists and the reference page. */
  readonly summary: string;
  readonly options: O;
  /**
   * npm packages that the plugin needs and weir does not include, as arguments for `npm i`, such as `@platformatic/kafka@2`. A
   * pipeline can use the plugin only if they are installed. They are imported when it starts.
   */
  readonly packages?: readonly string[];
  /** Further ones that only some options need. */
  packagesFor?(config: Config<O>): readonly string[];
  /**
   * Called when a pipeline is checked, for a source or sink whose options do not always fit together, or not with those of the
   * components of the same type `before` it. It throws an `OptionError` at the option to change. A transform throws it when it is built.
   */
  checkOptions?(config: Config<O>, before: readonly Config<O>[]): void;
  /** Markdown for the reference page: what users need to know beyond the options. */
  readonly notes?: string;
}
