/**
 * The logs of OpenTelemetry: https://github.com/open-telemetry/opentelemetry-proto (v1.9), `logs.proto` and `common.proto`.
 * An `AnyValue` is a value of JavaScript: `null` is empty, a `bigint` an `int_value`, a `number` a `double_value`.
 */
export type AnyValue = null | string | boolean | bigint | number | Uint8Array | readonly AnyValue[] | ValueMap;

export type KeyValue = readonly [key: string, value: AnyValue];

/** A `KeyValueList`: its keys may be repeated, although they should not be. */
export class ValueMap {
  readonly entries: readonly KeyValue[];

  constructor(entries: readonly KeyValue[]) {
    this.entries = entries;
  }
}

export interface Resource {
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributes: number;
  readonly schemaUrl: string;
}

export interface Scope extends Resource {
  readonly name: string;
  readonly version: string;
}

/** What records have in common: two with the same origin are in the same `ScopeLogs`. */
export interface Origin {
  readonly resource: Resource;
  readonly scope: Scope;
}

export interface LogRecord {
  /** Nanoseconds since 1970; 0 is unknown. */
  readonly time: bigint;
  readonly observed: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: AnyValue;
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributes: number;
  readonly flags: number;
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly eventName: string;
}

/** How many arrays and lists of key-value pairs may be within each other in a value. Other receivers have lower limits. */
export const mostNested = 64;

/** A record that is not taken: `bytes` are its own, as protobuf or JSON. */
export class RefusedRecord {
  readonly message: string;
  readonly bytes: Buffer;

  constructor(message: string, bytes: Buffer) {
    this.message = message;
    this.bytes = bytes;
  }
}

/** One record of a request. The same `origin` object comes with all records of one `ScopeLogs`. */
export interface ReceivedRecord {
  readonly origin: Origin;
  readonly record: LogRecord | RefusedRecord;
}

/** Thrown for a request that cannot be decoded: a sentence for people. */
export class OtlpError extends Error {}

/** Thrown for what is more than a record, a resource or a scope may have: it costs a record itself only. */
export class Excess extends OtlpError {}

/** Throws for values that are nested deeper than `mostNested`. */
export const checkDepth = (depth: number): void => {
  if (depth > mostNested) throw new Excess(`a value is nested more than ${mostNested} levels deep`);
};

/** How many fields a record, a resource or a scope may have, with those of its values: an attribute is four, an item of an array two. */
const mostFields = 200_000;

/** Counts the fields of one record, resource or scope. Millions fit into a body, and would take seconds and gigabytes. */
export class FieldCount {
  #left = mostFields;

  /** Throws if there are too many. */
  take(fields: number): void {
    this.#left -= fields;
    if (this.#left < 0) throw new Excess(`a record, resource or scope has more than ${mostFields} fields`);
  }
}

/** Says when to give other work a turn, between records or without any. */
export class Pauses {
  #steps = 0;

  /** Whether there were many steps since it was true. */
  get isDue(): boolean {
    this.#steps = (this.#steps + 1) % 1024;
    return this.#steps === 0;
  }
}
