import type { Prints } from "./likeness.ts";
import { headLength, type Print, printOf, tailLength } from "./print.ts";

const nothing = new Uint8Array(0);

/** The first bytes that were read of a stream, the last ones, and their prints. */
export class Trace {
  #head: Uint8Array = nothing;
  #headPrint = printOf(nothing, 0);
  #tail: Uint8Array = nothing;
  #tailPrint: Print | undefined = printOf(nothing, 0);
  /** Where the last bytes end. */
  #end = 0;

  /** The bytes just before the place read to. */
  get tail(): Uint8Array {
    return this.#tail;
  }

  get prints(): Prints {
    this.#tailPrint ??= printOf(this.#tail, this.#end);
    return { head: this.#headPrint, tail: this.#tailPrint };
  }

  /** Prints are all that is known, of bytes that were read by another process or not at all. */
  know({ head, tail }: Prints): void {
    this.#headPrint = head;
    this.#tailPrint = tail;
  }

  /** `head` are the file's first bytes, `tail` those before `position`. */
  begin(head: Uint8Array, tail: Uint8Array, position: number): void {
    this.#head = head;
    this.#headPrint = printOf(head, head.length);
    this.#tail = tail;
    this.#tailPrint = undefined;
    this.#end = position;
  }

  /** Whether the bytes that follow are those that were there before: the first ones may be known beyond the place read to. */
  agrees(bytes: Uint8Array): boolean {
    const known = this.#head.subarray(this.#end);
    return known.length === 0 || Buffer.compare(known, bytes.subarray(0, known.length)) === 0;
  }

  /** `bytes` follow. */
  add(bytes: Uint8Array): void {
    const missing = headLength - this.#head.length;
    if (missing > 0) {
      const fresh = bytes.subarray(this.#head.length - this.#end);
      this.#head = Buffer.concat([this.#head, fresh.subarray(0, missing)]);
      this.#headPrint = printOf(this.#head, this.#head.length);
    }
    this.#tail = Buffer.concat([this.#tail, bytes.subarray(-tailLength)]).subarray(-tailLength);
    this.#tailPrint = undefined;
    this.#end += bytes.length;
  }

  /** Nothing or a whole line was read last. */
  get terminated(): boolean {
    return this.#tail.length === 0 || this.#tail.at(-1) === 10;
  }
}
