import type { Checkpoint, Reading } from "../../plugin.ts";
import type { DecodingOptions } from "../../topology/topology.ts";
import type { Input } from "../format/test.ts";

interface Sent {
  readonly stream: string;
  readonly position: number;
  readonly bytes: Uint8Array;
  /** A stream that is one reading, as a request or a message is. */
  readonly once: boolean;
  readonly isJson: boolean;
  /** Nothing more comes in this stream, so that its last record needs no line end. */
  readonly isLast: boolean;
  /** The path of the file that it is from. */
  readonly path: string | undefined;
  isCommitted: boolean;
}

/**
 * What a test sends into one component, as its source reads it: like a file, which is there again after a restart, read from
 * the checkpoint on; whole records are like requests, which clients repeat until they are answered.
 */
export class Feed {
  readonly #decoding: Pick<DecodingOptions, "framing" | "encoding">;
  readonly #replays: boolean;
  readonly #sent: Sent[] = [];
  readonly #ends = new Map<string, number>();
  #next = 0;
  #isAsked = false;
  #wake: (() => void) | undefined;
  #crash: Error | undefined;
  #isEnding = false;

  /** `replays`: the source reads again what was not committed. */
  constructor(decoding: Pick<DecodingOptions, "framing" | "encoding">, replays: boolean) {
    this.#decoding = decoding;
    this.#replays = replays;
  }

  /** `path`: of the file that the records are from. */
  send(input: Input, path?: string): void {
    if ("texts" in input) this.texts(input.texts, path);
    else if ("records" in input) this.records(input.records, path);
    else if ("file" in input) this.file(input.file, path);
    else this.events(input.events);
  }

  /** Sends records as text, in UTF-16 if the source expects it, and otherwise in UTF-8. */
  texts(texts: readonly string[], path?: string): void {
    this.records(
      texts.map((text) => encoded(text, this.#decoding.encoding)),
      path,
    );
  }

  /** Sends records, each as the framing of the source wants it: on a line of its own, or as a whole. */
  records(records: readonly Uint8Array[], path?: string): void {
    const lineEnd = encoded("\n", this.#decoding.encoding);
    for (const record of records)
      if (this.#decoding.framing === "newline")
        this.#add(path === undefined ? "records" : `records-${path}`, Buffer.concat([record, lineEnd]), { path });
      else this.#add(`record-${this.#sent.length}`, record, { once: true, path });
  }

  /** Sends a file from its beginning to its end. */
  file(bytes: Uint8Array, path?: string): void {
    if (this.#decoding.framing === "newline") this.#add(`file-${this.#sent.length}`, bytes, { isLast: true, path });
    else this.records([bytes], path);
  }

  /** Sends events, past the framing and the codec of the source. */
  events(events: readonly object[]): void {
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join("");
    this.#add("events", Buffer.from(text), { isJson: true });
  }

  #add(
    stream: string,
    bytes: Uint8Array,
    {
      once = false,
      isJson = false,
      isLast = false,
      path,
    }: Partial<Pick<Sent, "once" | "isJson" | "isLast" | "path">> = {},
  ): void {
    const position = this.#ends.get(stream) ?? 0;
    this.#ends.set(stream, position + bytes.length);
    this.#sent.push({ stream, position, bytes, once, isJson, isLast, path, isCommitted: false });
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

  /** Ends the reading when all of it is read. */
  end(): void {
    this.#isEnding = true;
    this.#wake?.();
  }

  /** What a source reads from its checkpoints on, until `signal` aborts. */
  async *readings(checkpoints: ReadonlyMap<string, Checkpoint>, signal: AbortSignal): AsyncGenerator<Reading> {
    this.#crash = undefined;
    this.#isEnding = false;
    this.#next = this.#replays ? 0 : this.#next;
    for (; !signal.aborted; this.#isAsked = true) {
      if (this.#crash) throw this.#crash;
      const sent = this.#sent[this.#next];
      if (!sent && this.#isEnding) return;
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

const encoded = (text: string, encoding: DecodingOptions["encoding"]): Uint8Array => {
  if (encoding === "utf-16le") return Buffer.from(text, "utf16le");
  return encoding === "utf-16be" ? Buffer.from(text, "utf16le").swap16() : Buffer.from(text);
};

/** `committed`: how far the stream is committed. `undefined` if all of it is. */
const readingOf = (sent: Sent, committed: number): Reading | undefined => {
  const { stream, position, bytes, once, isJson, isLast, path } = sent;
  const from = path === undefined ? {} : { path };
  if (once) {
    if (sent.isCommitted) return undefined;
    const settled = (outcome: string) => {
      sent.isCommitted ||= outcome !== "abandoned";
    };
    return { stream, position: 0, bytes, once, settled, ...from };
  }
  const rest = bytes.subarray(Math.max(0, committed - position));
  if (rest.length === 0) return undefined;
  return {
    stream,
    position: Math.max(position, committed),
    bytes: rest,
    ...from,
    ...(isLast && { end: true }),
    ...(isJson && { framing: "newline", codec: "json" }),
  };
};
