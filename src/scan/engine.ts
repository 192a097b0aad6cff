/**
 * What reads the bytes for a scanner. It finds the block, the plan and the known values in its memory, as layout.ts says, and
 * writes there what it found. WebAssembly and the plain engine do the same, bit for bit.
 */
export interface Engine {
  readonly memory: ArrayBuffer;
  /** Scans lines in the first `length` bytes of the block, of which the last is a line feed. */
  lines(length: number): void;
  /** Scans items of an array in the first `length` bytes of the block. */
  items(length: number): void;
  /** The hash of a value of a leaf, whose bytes are anywhere in the memory: 32 bits, signed or not. */
  hash(leaf: number, at: number, length: number): number;
}
