import { fingerprint } from "./fingerprint.ts";
import type { Reading } from "./plugin.ts";

interface Parts {
  readonly bytes: Uint8Array;
  readonly framing?: Reading["framing"] | undefined;
  readonly codec?: Reading["codec"] | undefined;
  readonly isText?: boolean | undefined;
  readonly settled?: Reading["settled"] | undefined;
  /** What the digest is of; `bytes` if it is left out. */
  readonly content?: Uint8Array;
}

/**
 * A reading with `once` whose stream is the digest of its content, so that the same content sent again produces the same event
 * ids. The digest is made when it is asked for: it takes nearly as long as to pass over all of the content.
 */
export class DigestReading implements Reading {
  readonly position = 0;
  readonly once = true;
  readonly bytes: Uint8Array;
  readonly framing?: NonNullable<Reading["framing"]>;
  readonly codec?: NonNullable<Reading["codec"]>;
  readonly isText?: boolean;
  readonly settled?: NonNullable<Reading["settled"]>;
  readonly #parts: Parts;
  #stream: string | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.bytes = parts.bytes;
    if (parts.framing) this.framing = parts.framing;
    if (parts.codec) this.codec = parts.codec;
    if (parts.isText) this.isText = parts.isText;
    if (parts.settled) this.settled = parts.settled;
  }

  get stream(): string {
    this.#stream ??= fingerprint(this.#parts.content ?? this.bytes);
    return this.#stream;
  }

  /** The same reading, with another callback for its outcome. */
  settledBy(settled: NonNullable<Reading["settled"]>): DigestReading {
    return new DigestReading({ ...this.#parts, settled });
  }
}
