import { type Delivery, fingerprint } from "weir";

/** A message, and the events of the write that it contains. */
export interface Message {
  readonly id: string;
  readonly text: string;
  /** Bytes of the text. */
  readonly size: number;
  readonly indexes: readonly number[];
}

export interface MessageOptions {
  readonly messages: "event" | "batch";
  readonly acknowledge: boolean;
}

/** Longest id in characters; a longer one is replaced by its digest. */
const longestId = 200;

/** The messages of a write. The id of a message is derived from the ids of its events. */
export class Messages {
  readonly #events: readonly Delivery[];
  readonly #options: MessageOptions;

  constructor(events: readonly Delivery[], options: MessageOptions) {
    this.#events = events;
    this.#options = options;
  }

  all(): readonly Message[] {
    const indexes = [...this.#events.keys()];
    return this.#options.messages === "event" ? indexes.map((index) => this.#single(index)) : [this.#list(indexes)];
  }

  /** Splits a message with several events into two. */
  halves({ indexes }: Message): readonly Message[] {
    const middle = Math.ceil(indexes.length / 2);
    return [this.#list(indexes.slice(0, middle)), this.#list(indexes.slice(middle))];
  }

  #single(index: number): Message {
    const { id, json } = this.#events[index]!;
    return this.#message(id.length > longestId ? fingerprint(id) : id, json, json, [index]);
  }

  #list(indexes: readonly number[]): Message {
    const events = indexes.map((index) => this.#events[index]!);
    const list = events.map(({ json }) => json).join(",");
    return this.#message(fingerprint(JSON.stringify(events.map(({ id }) => id))), list, `[${list}]`, indexes);
  }

  #message(id: string, list: string, plain: string, indexes: readonly number[]): Message {
    const text = this.#options.acknowledge ? `{"id":${JSON.stringify(id)},"events":[${list}]}` : plain;
    return { id, text, size: Buffer.byteLength(text), indexes };
  }
}
