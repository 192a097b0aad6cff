import type * as Kafka from "@platformatic/kafka";
import { importPackage } from "../plugin-modules/package.ts";
import { clientOptions } from "./client.ts";
import type { KafkaConfig } from "./options.ts";

export type Compression = "none" | "gzip" | "snappy" | "lz4" | "zstd";
export type Producer = Kafka.Producer<Buffer, Buffer, Buffer, Buffer>;

/**
 * Idempotent producers, one for each concurrent write. The sequence numbers by which a broker recognises duplicates belong to a
 * producer, so a producer whose last write may or may not have arrived is closed, and never used again.
 */
export class Producers {
  readonly #config: KafkaConfig & { readonly compression: Compression };
  readonly #clientId: string;
  readonly #optionsAt: string;
  readonly #free: Producer[] = [];
  #isClosed = false;
  #library: Promise<typeof Kafka> | undefined;

  /** `optionsAt`: what the names of the options begin with, such as `state.`. */
  constructor(config: KafkaConfig & { readonly compression: Compression }, clientId: string, optionsAt = "") {
    this.#config = config;
    this.#clientId = clientId;
    this.#optionsAt = optionsAt;
  }

  /** Runs `use` with a producer of its own. If it rejects, or `signal` aborts, the producer is closed. */
  async with<T>(signal: AbortSignal, use: (producer: Producer, library: typeof Kafka) => Promise<T>): Promise<T> {
    this.#library ??= importPackage<typeof Kafka>("@platformatic/kafka");
    const library = await this.#library;
    const late = () => new Error("no broker answered in time");
    // A producer that is closed while it connects leaves its connection open.
    if (signal.aborted) throw late();
    const producer = this.#free.pop() ?? this.#open(library);
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(late());
    signal.addEventListener("abort", abort, { once: true });
    try {
      const result = await Promise.race([use(producer, library), aborted.promise]);
      // The write may have ended after everything was closed.
      if (this.#isClosed) await close(producer);
      else this.#free.push(producer);
      return result;
    } catch (error) {
      await close(producer);
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#free.splice(0).map(close));
  }

  #open({ Producer }: typeof Kafka): Producer {
    const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({
      ...clientOptions(this.#config, this.#clientId, this.#optionsAt),
      idempotent: true,
      compression: this.#config.compression,
      // The broker decides, as it does for the clients that come with it.
      autocreateTopics: true,
      // Within these, the broker leaves out what it has already. 0 and 1 mean for ever.
      retries: 2,
      retryDelay: 250,
      requestTimeout: 20_000,
      timeout: 15_000,
      metadataMaxAge: 30_000,
    });
    // A write that fails says so itself.
    producer.on("error", () => undefined);
    return producer;
  }
}

const close = async (producer: Producer): Promise<void> => {
  await producer.close(true).catch(() => undefined);
};
