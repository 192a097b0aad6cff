import fc from "fast-check";
import { type AnyValue, type KeyValue, type LogRecord, type Origin, ValueMap } from "../model.ts";
import type { MappedRecord } from "../record-of-event.ts";

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.constantFrom("a", "a.b", "a/b~c", "", "__proto__"),
);
const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((all) => Buffer.from(all));
const someBytes = fc.uint8Array({ maxLength: 9 }).map((all) => Buffer.from(all));
const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -300n, max: 300n }),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 31n, 2n ** 32n),
);
const double = fc
  .oneof(fc.double(), fc.integer().map(Number), fc.constantFrom(0, 1e300, 2 ** 53 + 2, -1e21))
  .map((n) => n + 0);
const uint32 = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
/** The last second that a date of four digits and 64 bits of nanoseconds both have is in 2554. */
const nanos = fc.oneof(
  fc.constant(0n),
  fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: 1n, max: 2n ** 41n }).map((ms) => ms * 1_000_000n),
);

const { value, keyValues } = fc.letrec<{ value: AnyValue; keyValues: readonly KeyValue[] }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constant(null),
    text,
    fc.boolean(),
    int64,
    double,
    someBytes,
    fc.array(tie("value"), { maxLength: 4 }),
    tie("keyValues").map((entries) => new ValueMap(entries)),
  ),
  // Now and then a key repeats.
  keyValues: fc.array(fc.tuple(text, tie("value")), { maxLength: 4 }),
}));

const id = (length: number) =>
  fc
    .oneof(fc.constant(Buffer.alloc(0)), bytes(length))
    .map((one) => (one.every((byte) => byte === 0) ? Buffer.alloc(0) : one));

const record: fc.Arbitrary<LogRecord> = fc.record({
  time: nanos,
  observed: nanos,
  severityNumber: fc.integer({ min: 0, max: 24 }),
  severityText: text,
  body: value,
  attributes: keyValues,
  droppedAttributes: uint32,
  flags: uint32,
  traceId: id(16),
  spanId: id(8),
  eventName: text,
});

const resource = fc.record({ attributes: keyValues, droppedAttributes: uint32, schemaUrl: text });
const scope = fc.record({
  attributes: keyValues,
  droppedAttributes: uint32,
  schemaUrl: text,
  name: text,
  version: text,
});
const origin: fc.Arbitrary<Origin> = fc.record({ resource, scope });

/** Records of a few origins, those of one origin together, as a request has them. */
export const records: fc.Arbitrary<readonly MappedRecord[]> = fc
  .array(fc.tuple(origin, fc.array(record, { minLength: 1, maxLength: 4 })), { maxLength: 3 })
  .map((groups) => groups.flatMap(([one, logs]) => logs.map((log) => ({ origin: one, record: log }))));
