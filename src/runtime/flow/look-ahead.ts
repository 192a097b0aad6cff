import type { Reading } from "../../plugin.ts";
import type { ScanThreads } from "../../scan/ahead/scan-threads.ts";
import { ScannedAhead } from "../../scan/ahead/scanned-ahead.ts";
import { type Slot, slotBytes } from "../../scan/ahead/slot.ts";
import { checkedReading } from "./check-reading.ts";
import { divided } from "./portion.ts";
import type { ScannedReading, Scanning } from "./scanned-reading.ts";

const lineFeed = 0x0a;

type ScanningOf = (reading: Reading) => Scanning | undefined;

/** The readings of a source, in their order. Those of at least `least` bytes are scanned ahead, if something can scan them. */
export const lookingAhead = (
  readings: AsyncIterable<Reading>,
  scanningOf: ScanningOf,
  least: number | undefined,
): AsyncIterable<ScannedReading> =>
  least === undefined ? readings : { [Symbol.asyncIterator]: () => new LookAhead(readings, scanningOf, least) };

/** A reading that waits for its turn. */
interface Held {
  readonly reading: ScannedReading;
  /** Where its bytes were copied to, and the outcome of the scan. */
  readonly copy?: { readonly memory: Slot; readonly isScanned: Promise<boolean>; readonly threads: ScanThreads };
}

/**
 * Asks a source for more while its last readings are scanned. These are copied, so that the source can use its memory
 * again, and there is memory for a few. A reading that is not scanned is passed on as it is, and the source is not asked for more until
 * that is decoded.
 */
class LookAhead implements AsyncIterator<ScannedReading> {
  readonly #source: AsyncIterator<Reading>;
  readonly #scanningOf: ScanningOf;
  readonly #least: number;
  readonly #held: Held[] = [];
  /** What is decoded now. */
  #current: Held | undefined;
  /** What is left of a reading for which there was no memory. */
  #rest: Reading | undefined;
  /** The question to the source, until it is answered. */
  #asking: Promise<void> | undefined;
  #end: { readonly error?: unknown } | undefined;
  /** The last byte that was copied: its stream, and the offset after it. */
  #last: { readonly stream: string; readonly position: number; readonly byte: number | undefined } | undefined;

  constructor(readings: AsyncIterable<Reading>, scanningOf: ScanningOf, least: number) {
    this.#source = readings[Symbol.asyncIterator]();
    this.#scanningOf = scanningOf;
    this.#least = least;
  }

  async next(): Promise<IteratorResult<ScannedReading, undefined>> {
    this.#release();
    for (;;) {
      this.#hold();
      this.#ask();
      const held = this.#held.shift() ?? this.#takeRest();
      if (held) return { value: await this.#pass(held) };
      if (this.#end) {
        if ("error" in this.#end) throw this.#end.error;
        return { done: true, value: undefined };
      }
      await this.#asking;
    }
  }

  async return(): Promise<IteratorResult<ScannedReading, undefined>> {
    this.#release();
    await this.#asking;
    // A thread may still use it.
    for (const { copy } of this.#held.splice(0))
      if (copy) void copy.isScanned.then(() => copy.threads.free(copy.memory));
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  async #pass(held: Held): Promise<ScannedReading> {
    const { reading, copy } = held;
    this.#current = held;
    if (!copy || (await copy.isScanned)) return reading;
    const { ahead: _, ...unscanned } = reading;
    return unscanned;
  }

  #release(): void {
    const copy = this.#current?.copy;
    copy?.threads.free(copy.memory);
    this.#current = undefined;
  }

  /** Asks the source, unless memory of it is in use. */
  #ask(): void {
    const isInUse = this.#rest || [this.#current, ...this.#held].some((held) => held && !held.copy);
    if (this.#asking || this.#end || isInUse) return;
    this.#asking = this.#source.next().then(
      (answer) => this.#answered(answer),
      (error) => {
        this.#end = { error };
        this.#asking = undefined;
      },
    );
  }

  #answered({ done, value }: IteratorResult<Reading, unknown>): void {
    this.#asking = undefined;
    if (done) {
      this.#end = {};
      return;
    }
    try {
      this.#rest = checkedReading(value);
    } catch (error) {
      this.#end = { error };
      return;
    }
    this.#hold();
    this.#ask();
  }

  /** Holds the rest of a reading, as far as there is memory to scan it. */
  #hold(): void {
    while (this.#rest) {
      const scanning = this.#rest.bytes.length < this.#least ? undefined : this.#scanningOf(this.#rest);
      if (!scanning) {
        this.#held.push(this.#takeRest()!);
        return;
      }
      const memory = scanning.threads.take();
      if (!memory) return;
      const [reading, rest]: readonly [Reading, Reading?] = divided(this.#rest, slotBytes);
      this.#rest = rest;
      this.#held.push(this.#scan(reading, memory, scanning));
    }
  }

  #scan(reading: Reading, memory: Slot, { threads, scanner }: Scanning): Held {
    const { stream, position, bytes } = reading;
    const { length } = bytes;
    // To memory that threads share, `set` copies at half the speed.
    memory.bytes.fill(bytes, 0, length);
    const isAtLine = this.#last?.stream === stream && this.#last.position === position && this.#last.byte === lineFeed;
    const start = isAtLine ? 0 : memory.bytes.subarray(0, length).indexOf(lineFeed) + 1 || length;
    this.#last = { stream, position: position + length, byte: bytes[length - 1] };
    const ahead = new ScannedAhead(memory, position, scanner.lessons.length);
    const isScanned = threads.scan(memory, start, length, scanner);
    return {
      reading: { ...reading, bytes: memory.bytes.subarray(0, length), ahead },
      copy: { memory, isScanned, threads },
    };
  }

  #takeRest(): Held | undefined {
    const reading = this.#rest;
    this.#rest = undefined;
    return reading && { reading };
  }
}
