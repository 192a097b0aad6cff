import { isUtf8 } from "node:buffer";
import type { Data, Reading } from "weir";

/** Bits of a batch's attributes: https://kafka.apache.org/documentation/#recordbatch */
const logAppendTime = 1 << 3;
const transactional = 1 << 4;
const control = 1 << 5;

type Part = NonNullable<Reading["parts"]>[number];

/** The parts of a batch that matter here, as the library gives them. */
export interface Batch {
  readonly firstOffset: bigint;
  readonly lastOffsetDelta: number;
  readonly firstTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly attributes: number;
  readonly producerId: bigint;
  readonly records: readonly {
    readonly offsetDelta: number;
    readonly timestampDelta: bigint;
    readonly key: Buffer | null | undefined;
    readonly value: Buffer | null | undefined;
    readonly headers: Iterable<readonly [Buffer | null, Buffer | null]>;
  }[];
}

export interface Fetched {
  readonly topic: string;
  readonly partition: number;
  readonly batches: readonly Batch[];
  readonly aborted: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[];
}

/** Parts with the offset after them. */
export interface Chunk {
  readonly parts: readonly Part[];
  readonly next: bigint;
}

/** A chunk is a batch of the host: at most so many records, and not much more than so many bytes. */
const limits = { parts: 256, bytes: 1024 * 1024 };

/** The records from the offset `from` on, without those of aborted transactions. */
export function* chunksOf({ topic, partition, batches, aborted }: Fetched, from: bigint): Generator<Chunk> {
  const waiting = [...aborted].sort((a, b) => Number(a.firstOffset - b.firstOffset));
  const ended = new Set<bigint>();
  let [parts, bytes, next]: [Part[], number, bigint] = [[], 0, from];
  for (const batch of batches) {
    const end = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
    while (waiting[0] && waiting[0].firstOffset < end) ended.add(waiting.shift()!.producerId);
    if (batch.attributes & control) {
      // The marker that ends an aborted transaction has the type 0.
      if (batch.records[0]?.key?.readInt16BE(2) === 0) ended.delete(batch.producerId);
    } else if (!(batch.attributes & transactional && ended.has(batch.producerId)))
      for (const record of batch.records) {
        const offset = batch.firstOffset + BigInt(record.offsetDelta);
        if (offset < from) continue;
        if (parts.length >= limits.parts || bytes >= limits.bytes) {
          yield { parts, next: offset };
          [parts, bytes] = [[], 0];
        }
        const value = record.value ?? Buffer.alloc(0);
        bytes += value.length;
        const kafka = { topic, partition, offset: Number(offset), ...about(batch, record) };
        parts.push({ position: Number(offset), bytes: value, origin: { kafka } });
      }
    if (end > next) next = end;
  }
  if (next > from) yield { parts, next };
}

const about = (batch: Batch, { timestampDelta, key, headers }: Batch["records"][number]): Data => {
  const at = batch.attributes & logAppendTime ? batch.maxTimestamp : batch.firstTimestamp + timestampDelta;
  const named = [...headers].map(([name, value]) => [textOf(name), textOf(value)] as const);
  const time = new Date(Number(at));
  return {
    ...(at >= 0n && !Number.isNaN(time.getTime()) && { timestamp: time.toISOString() }),
    ...(key && { key: textOf(key) }),
    ...(named.length > 0 && { headers: Object.fromEntries(named) }),
  };
};

const textOf = (bytes: Buffer | null): string =>
  bytes === null ? "" : bytes.toString(isUtf8(bytes) ? "utf8" : "base64");
