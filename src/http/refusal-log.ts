import type { Context } from "../plugin.ts";
import type { Refusal } from "./problem.ts";

const interval = 60_000;

/**
 * Counts refused requests as `http_` and their status, and says so in the log, each status once a minute at most, with
 * how many there were.
 */
export class RefusalLog {
  readonly #context: Pick<Context<unknown>, "clock" | "log" | "refused">;
  readonly #told = new Map<number, { readonly at: number; count: number }>();

  constructor(context: Pick<Context<unknown>, "clock" | "log" | "refused">) {
    this.#context = context;
  }

  add({ status, message }: Refusal): void {
    const { clock, log, refused } = this.#context;
    refused?.(`http_${status}`);
    const last = this.#told.get(status);
    const now = clock.now();
    if (last && now - last.at < interval) {
      last.count++;
      return;
    }
    this.#told.set(status, { at: now, count: 0 });
    const more = last && last.count > 0 ? `, and ${last.count} more since the last time this was said` : "";
    log.warn(`a request was refused with ${status}${more}: ${message}`, { status });
  }
}
