import type { Checkpoint, Framing, Reading } from "../../plugin.ts";

interface Sent {
  readonly stream: string;
  readonly position: number;
  readonly bytes: Uint8Array;
  /** A stream that is one reading, as a request or a message is. */
  readonly once: boolean;
  readonly isJson: boolean;
  isCommitted: boolean;
}

/**
 * What a test sends into one component, as its source reads it: like a file, which is there again after a restart, read from
 * the checkpoint on; whole records are like requests, which clients repeat until they are answered.
 */
export class Feed {
  readonly #framing: Framing;
  readonly #replays: boolean;
  readonly #sent: Sent[] = [];
  readonly #ends = new Map<string, number>();
  #next = 0;
  #isAsked = false;
  #wake: (() => void) | undefined;
  #crash: Error | undefined;

  /** `replays`: the source reads again what was not committed. */
  constructor(framing: Framing, replays: boolean) {
    this.#framing = framing;
    this.#replays = replays;
  }

  /** Sends records, each as the framing of the source wants it: on a line of its own, or as a whole. */
  records(records: readonly Uint8Array[]): void {
    for (const record of records)
      if (this.#framing === "newline") this.#add("records", Buffer.concat([record, lineFeed]));
      else this.#add(`record-${this.#sent.length}`, record, { once: true });
  }

  /** Sends the next bytes of a stream, or with another framing than lines, one record. */
  bytes(bytes: Uint8Array): void {
    if (this.#framing === "newline") this.#add("records", bytes);
    else this.records([bytes]);
  }

  /** Sends events, past the framing and the codec of the source. */
  events(events: readonly object[]): void {
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join("");
    this.#add("events", Buffer.from(text), { isJson: true });
  }

  #add(stream: string, bytes: Uint8Array, { once = false, isJson = false } = {}): void {
    const position = this.#ends.get(stream) ?? 0;
    this.#ends.set(stream, position + bytes.length);
    this.#sent.push({ stream, position, bytes, once, isJson, isCommitted: false });
    this.#wake?.();
  }

  /** Whether all that was sent has been read. */
  get isRead(): boolean {
    return this.#isAsked && this.#next >= this.#sent.length;
  }

  /** Ends the reading with this error. */
  crash(error: Error): void {
    this.#crash = error;
    this.#wake?.();
  }

  /** What a source reads from its checkpoints on, until `signal` aborts. */
  async *readings(checkpoints: ReadonlyMap<string, Checkpoint>, signal: AbortSignal): AsyncGenerator<Reading> {
    this.#crash = undefined;
    this.#next = this.#replays ? 0 : this.#next;
    for (; !signal.aborted; this.#isAsked = true) {
      if (this.#crash) throw this.#crash;
      const sent = this.#sent[this.#next];
      if (!sent) {
        this.#isAsked = true;
        await this.#more(signal);
        continue;
      }
      this.#next++;
      const reading = readingOf(sent, checkpoints.get(sent.stream)?.position ?? 0);
      if (reading) yield reading;
    }
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#wake = undefined;
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener("abort", wake);
    });
  }
}

const lineFeed = Buffer.from("\n");

/** `committed`: how far the stream is committed. `undefined` if all of it is. */
const readingOf = (sent: Sent, committed: number): Reading | undefined => {
  const { stream, position, bytes, once, isJson } = sent;
  if (once) {
    if (sent.isCommitted) return undefined;
    const settled = (outcome: string) => {
      sent.isCommitted ||= outcome !== "abandoned";
    };
    return { stream, position: 0, bytes, once, settled };
  }
  const rest = bytes.subarray(Math.max(0, committed - position));
  if (rest.length === 0) return undefined;
  return {
    stream,
    position: Math.max(position, committed),
    bytes: rest,
    ...(isJson && { framing: "newline", codec: "json" }),
  };
};
