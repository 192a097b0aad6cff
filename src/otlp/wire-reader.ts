import { FieldCount, OtlpError } from "./model.ts";

/** How strings become JavaScript's: `latin1` keeps each byte as one character, so that no byte is lost. */
export type TextMode = "utf8" | "latin1";

const varint = 0;
const fixed64 = 1;
const delimited = 2;
const startGroup = 3;
const endGroup = 4;
const fixed32 = 5;

/** Groups, which only unknown fields can have, may be nested this deeply. */
const mostGroups = 100;

/**
 * Reads the fields of one message in the protobuf wire format (https://protobuf.dev/programming-guides/encoding/). After
 * `next`, exactly one of the other methods reads the field's value, or `skip` passes over it. All of them throw an
 * `OtlpError` where the bytes end too early or are not protobuf.
 */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #mode: TextMode;
  readonly #end: number;
  #fields: FieldCount | undefined;
  #at: number;
  #field = 0;
  #type = 0;

  /** `fields`: counts those of this message and the messages within it. */
  constructor(bytes: Buffer, mode: TextMode, fields?: FieldCount, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#mode = mode;
    this.#fields = fields;
    this.#at = start;
    this.#end = end;
  }

  /** The number of the next field, with its wire type if a schema has it; 0 at the end of the message. */
  next(): number {
    if (this.#at >= this.#end) return 0;
    this.#fields?.take(1);
    const tag = this.#tag();
    this.#field = tag >>> 3;
    this.#type = tag & 7;
    return this.#field;
  }

  /** Whether the field has this wire type. One of another type is skipped as if its number were unknown. */
  get isVarint(): boolean {
    return this.#type === varint;
  }
  get isFixed64(): boolean {
    return this.#type === fixed64;
  }
  get isFixed32(): boolean {
    return this.#type === fixed32;
  }
  get isDelimited(): boolean {
    return this.#type === delimited;
  }

  /** An `int64`. */
  int64(): bigint {
    const [low, high] = this.#varint();
    return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
  }

  /** The lowest 32 bits of a varint, as all decoders read a `uint32`. */
  uint32(): number {
    return this.#varint()[0];
  }

  /** The same as an `int32` or an enum. */
  int32(): number {
    return this.#varint()[0] | 0;
  }

  bool(): boolean {
    const [low, high] = this.#varint();
    return low !== 0 || high !== 0;
  }

  fixed64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#advance(8));
  }

  fixed32(): number {
    return this.#bytes.readUInt32LE(this.#advance(4));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#advance(8));
  }

  text(): string {
    const [start, end] = this.#range();
    return this.#bytes.toString(this.#mode, start, end);
  }

  /** A view of the bytes, not a copy. */
  bytes(): Buffer {
    const [start, end] = this.#range();
    return this.#bytes.subarray(start, end);
  }

  /** `fields`: what counts its fields, if not what counts those around it. */
  message(fields = this.#fields): WireReader {
    const [start, end] = this.#range();
    return new WireReader(this.#bytes, this.#mode, fields, start, end);
  }

  skip(): void {
    this.#skip(this.#field, this.#type, 0);
  }

  #skip(field: number, type: number, depth: number): void {
    if (type === varint) this.#varint();
    else if (type === fixed64) this.#advance(8);
    else if (type === delimited) this.#range();
    else if (type === fixed32) this.#advance(4);
    else if (type === startGroup && depth < mostGroups) this.#skipGroup(field, depth);
    else throw new OtlpError(`wire type ${type} is not expected, at byte ${this.#at}`);
  }

  #skipGroup(group: number, depth: number): void {
    this.#fields ??= new FieldCount();
    while (true) {
      this.#fields.take(1);
      const tag = this.#tag();
      const [field, type] = [tag >>> 3, tag & 7];
      if (type === endGroup && field === group) return;
      this.#skip(field, type, depth + 1);
    }
  }

  #tag(): number {
    const at = this.#at;
    const [low, high] = this.#varint();
    if (high !== 0) throw new OtlpError(`the number of a field is too large, at byte ${at}`);
    if (low < 8) throw new OtlpError(`there is no field 0, at byte ${at}`);
    return low;
  }

  /** The low and the high 32 bits of a varint, both unsigned. */
  #varint(): readonly [low: number, high: number] {
    const bytes = this.#bytes;
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      if (this.#at >= this.#end) throw this.#tooShort();
      const byte = bytes[this.#at++]!;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (index * 7);
      else if (index === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (index < 9) high |= bits << (index * 7 - 32);
      else high |= bits << 31;
      if (byte < 0x80) return [low >>> 0, high >>> 0];
    }
    throw new OtlpError(`a number is longer than ten bytes, at byte ${this.#at}`);
  }

  #range(): readonly [start: number, end: number] {
    const [length, high] = this.#varint();
    const start = this.#at;
    if (high !== 0 || length > this.#end - start) throw this.#tooShort();
    this.#at = start + length;
    return [start, this.#at];
  }

  #advance(count: number): number {
    const start = this.#at;
    if (count > this.#end - start) throw this.#tooShort();
    this.#at = start + count;
    return start;
  }

  #tooShort(): OtlpError {
    return new OtlpError(`a field goes beyond the end of its message, at byte ${this.#at}`);
  }
}
