import type { Context } from "../plugin.ts";
import { andMore, Seldom } from "../telemetry/seldom.ts";
import type { Refusal } from "./problem.ts";

/**
 * Counts refused requests as `http_` and their status. The log shows each status at most once a minute, with how many
 * requests there were.
 */
export class RefusalLog {
  readonly #context: Pick<Context<unknown>, "clock" | "log" | "refused">;
  readonly #seldom: Seldom;

  constructor(context: Pick<Context<unknown>, "clock" | "log" | "refused">) {
    this.#context = context;
    this.#seldom = new Seldom(context.clock);
  }

  add({ status, message }: Refusal): void {
    const { log, refused } = this.#context;
    refused?.(`http_${status}`);
    const unsaid = this.#seldom.ask(String(status));
    if (unsaid === undefined) return;
    log.warn(`refused a request with ${status}${andMore(unsaid)}: ${message}`, { status });
  }
}

/** Counts connections that are closed because there are too many, as `connection_limit`, and logs that once a minute. */
export const tooManyOf = ({
  clock,
  log,
  refused,
}: Pick<Context<unknown>, "clock" | "log" | "refused">): (() => void) => {
  const seldom = new Seldom(clock);
  return () => {
    refused?.("connection_limit");
    const unsaid = seldom.ask("connections");
    if (unsaid === undefined) return;
    log.warn(`closed a connection${andMore(unsaid)}: there are more than "max_connections"`, {
      reason: "connection_limit",
    });
  };
};
