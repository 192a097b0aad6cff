/**
 * Writes messages in the protobuf wire format from their end to their start, because the length of a message is known only
 * when it is written: call the methods for the last field first.
 */
export class WireWriter {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #start = this.#bytes.length;

  /** How many bytes are written. */
  get length(): number {
    return this.#bytes.length - this.#start;
  }

  /** What is written. */
  done(): Buffer {
    return this.#bytes.subarray(this.#start);
  }

  /** A field with what `write` writes as its content. */
  message(field: number, write: () => void): void {
    const before = this.length;
    write();
    this.#varint(BigInt(this.length - before));
    this.#tag(field, 2);
  }

  text(field: number, text: string): void {
    const length = Buffer.byteLength(text);
    this.#reserve(length);
    this.#bytes.write(text, this.#start, length, "utf8");
    this.#varint(BigInt(length));
    this.#tag(field, 2);
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#start);
    this.#varint(BigInt(bytes.length));
    this.#tag(field, 2);
  }

  /** An `int64`, a `uint32`, an enum or a `bool`. */
  varint(field: number, value: bigint): void {
    this.#varint(BigInt.asUintN(64, value));
    this.#tag(field, 0);
  }

  fixed64(field: number, value: bigint): void {
    this.#reserve(8);
    this.#bytes.writeBigUInt64LE(value, this.#start);
    this.#tag(field, 1);
  }

  fixed32(field: number, value: number): void {
    this.#reserve(4);
    this.#bytes.writeUInt32LE(value, this.#start);
    this.#tag(field, 5);
  }

  double(field: number, value: number): void {
    this.#reserve(8);
    this.#bytes.writeDoubleLE(value, this.#start);
    this.#tag(field, 1);
  }

  #tag(field: number, type: number): void {
    this.#varint(BigInt(field * 8 + type));
  }

  #varint(value: bigint): void {
    if (value < 0x80n) {
      this.#reserve(1);
      this.#bytes[this.#start] = Number(value);
      return;
    }
    const groups: number[] = [];
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) groups.push(Number(rest & 0x7fn) | 0x80);
    groups.push(Number(rest));
    this.#reserve(groups.length);
    this.#bytes.set(groups, this.#start);
  }

  #reserve(count: number): void {
    if (count > this.#start) {
      const written = this.done();
      const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, written.length + count));
      larger.set(written, larger.length - written.length);
      this.#start = larger.length - written.length;
      this.#bytes = larger;
    }
    this.#start -= count;
  }
}
