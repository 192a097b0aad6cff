import { DeliveryError } from "weir";

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: DeliveryError) => void;
}

/** The longest wait that a server can ask for, in milliseconds. */
const longestWait = 3_600_000;

/** Matches the answers of the server to the messages that wait for them. */
export class Answers {
  readonly #waiting = new Map<string, Set<Waiting>>();
  #settled: (() => void)[] = [];
  #isAnyMissing = false;

  /** Whether an answer did not arrive in time. */
  get isAnyMissing(): boolean {
    return this.#isAnyMissing;
  }

  /** Resolves when no message waits for an answer. */
  settled(): Promise<void> {
    return this.#waiting.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#settled.push(resolve));
  }

  /** Resolves when the message is acknowledged; rejects when it must be sent again, or `signal` aborts. */
  to(id: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const forget = () => signal.removeEventListener("abort", giveUp);
      const waiting: Waiting = {
        resolve() {
          forget();
          resolve();
        },
        reject(error) {
          forget();
          reject(error);
        },
      };
      const all = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, all.add(waiting));
      const giveUp = () => {
        all.delete(waiting);
        if (all.size === 0 && this.#waiting.get(id) === all) this.#forget(id);
        this.#isAnyMissing = true;
        reject(new DeliveryError("the server did not acknowledge the message in time"));
      };
      if (signal.aborted) giveUp();
      else signal.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** Handles a message of the server; anything but an answer is ignored. */
  take(text: string): void {
    const answer = parse(text);
    if (answer?.ack !== undefined) for (const { resolve } of this.#of(answer.ack)) resolve();
    if (answer?.retry === undefined) return;
    const retryAfter =
      typeof answer.after === "number" && answer.after >= 0 ? Math.min(answer.after, longestWait) : undefined;
    for (const { reject } of this.#of(answer.retry))
      reject(new DeliveryError("the server asked for the message to be sent again", { retryAfter }));
  }

  /** Rejects all waiting messages: their answers will not come. */
  hungUp(end: DeliveryError): void {
    for (const id of [...this.#waiting.keys()]) for (const { reject } of this.#of(id)) reject(end);
  }

  #of(id: unknown): Iterable<Waiting> {
    const waiting = this.#waiting.get(String(id)) ?? [];
    this.#forget(String(id));
    return waiting;
  }

  #forget(id: string): void {
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) for (const wake of this.#settled.splice(0)) wake();
  }
}

const parse = (text: string): { readonly [key: string]: unknown } | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as { readonly [key: string]: unknown }) : undefined;
  } catch {
    return undefined;
  }
};
