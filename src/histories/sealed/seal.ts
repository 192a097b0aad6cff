import { crc32 } from "node:zlib";

const before = ',"seal":"';
const after = '"}';
const length = before.length + 8 + after.length;
const seal = /^,"seal":"[0-9a-f]{8}"\}$/;

/** Whether a line has a seal. */
export const isSealed = (text: string): boolean => seal.test(text.slice(-length));

/**
 * Seals lines with a CRC-32 of the line and all sealed ones before it. So a line that was changed, moved or removed by mistake
 * is found, and where. It is no protection from somebody who wants to deceive.
 */
export class Seal {
  #sum = 0;

  /** A line with these members, in this order, and the seal as the last. */
  line(members: object): string {
    const text = JSON.stringify(members).slice(0, -1);
    return text + before + this.#next(text) + after;
  }

  /** Whether a sealed line is the next one that was written. */
  fits(text: string): boolean {
    return text.slice(-length) === before + this.#next(text.slice(0, -length)) + after;
  }

  #next(text: string): string {
    this.#sum = crc32(text, this.#sum);
    return this.#sum.toString(16).padStart(8, "0");
  }
}
