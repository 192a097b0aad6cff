import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** How often and how long it waits, as kube-apiserver's webhook backend does by default; times in milliseconds. */
const batchSize = 400;
const bufferSize = 10_000;
const attempts = 5;
const firstWait = 10_000;
const growth = 1.5;
const jitter = 0.2;
const requestTimeout = 30_000;
const innerRetries = 10;
const batchesPerSecond = 10;
const burst = 15;

export interface ApiServerOptions {
  readonly url: string;
  /** How many times faster than a real one it waits. */
  readonly speed: number;
  readonly random: () => number;
}

/**
 * The webhook backend of an API server, written from its documented behaviour: a bounded buffer that drops, batches of up
 * to 400 events sent beside one another at a limited rate, each tried five times whatever the error, with client-go's own
 * retries of answers that bear `Retry-After` within each attempt; then the batch is dropped.
 */
export class ApiServer {
  /** Events whose batch was answered with success. */
  readonly taken: string[] = [];
  dropped = 0;
  attempts = 0;
  readonly #options: ApiServerOptions;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #buffer: string[] = [];
  #tokens = burst;
  #refilled = Date.now();

  constructor(options: ApiServerOptions) {
    this.#options = options;
  }

  /** Takes an audit event, as JSON, into the buffer, or drops it. */
  add(event: string): void {
    if (this.#buffer.length < bufferSize) this.#buffer.push(event);
    else this.dropped++;
  }

  /** Sends what is in the buffer, and resolves when each batch was taken or dropped. */
  async flush(): Promise<void> {
    const sending: Promise<void>[] = [];
    while (this.#buffer.length > 0) {
      await this.#throttle();
      sending.push(this.#send(this.#buffer.splice(0, batchSize)));
    }
    await Promise.all(sending);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #throttle(): Promise<void> {
    for (;;) {
      const now = Date.now();
      const rate = (batchesPerSecond * this.#options.speed) / 1000;
      this.#tokens = Math.min(burst, this.#tokens + (now - this.#refilled) * rate);
      this.#refilled = now;
      if (this.#tokens >= 1) break;
      await sleep(1);
    }
    this.#tokens--;
  }

  async #send(events: readonly string[]): Promise<void> {
    const body = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${events.join(",")}]}\n`;
    for (let [attempt, wait] = [1, firstWait]; attempt <= attempts; attempt++, wait *= growth) {
      if (await this.#attempt(body)) {
        this.taken.push(...events);
        return;
      }
      if (attempt < attempts) await this.#sleep(wait * (1 + jitter * this.#options.random()));
    }
    this.dropped += events.length;
  }

  /** One attempt, with what client-go repeats within it; true for any status of success. */
  async #attempt(body: string): Promise<boolean> {
    this.attempts++;
    const ends = Date.now() + requestTimeout / this.#options.speed;
    for (let retries = 0; ; retries++) {
      const answer = await this.#post(body).catch(() => undefined);
      if (!answer) return false;
      const { status, retryAfter } = answer;
      if (status >= 200 && status <= 206) return true;
      const asks = retryAfter !== undefined && (status === 429 || status >= 500);
      if (!asks || retries === innerRetries || Date.now() > ends) return false;
      await this.#sleep(Number(retryAfter) * 1000);
    }
  }

  #sleep(time: number): Promise<void> {
    return sleep(time / this.#options.speed);
  }

  #post(body: string): Promise<{ readonly status: number; readonly retryAfter: string | undefined }> {
    return new Promise((resolve, reject) => {
      const sent = request(
        `${this.#options.url}?timeout=30s`,
        {
          method: "POST",
          agent: this.#agent,
          headers: { "Content-Type": "application/json" },
          timeout: requestTimeout,
        },
        (response) => {
          response.on("error", reject);
          response.on("end", () =>
            resolve({ status: response.statusCode!, retryAfter: response.headers["retry-after"] }),
          );
          response.resume();
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  }
}
