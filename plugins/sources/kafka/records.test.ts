import fc from "fast-check";
import { expect, it } from "vitest";
import { hasWildcards, topicMatcher } from "./options.ts";
import { positionsIn, resume, within } from "./position.ts";
import { type Batch, chunksOf } from "./records.ts";

/** What a log holds: batches of plain records, or of a transaction that is committed or aborted. */
const log = fc.array(
  fc.record({
    size: fc.integer({ min: 1, max: 40 }),
    gap: fc.nat(3),
    kind: fc.constantFrom("plain", "commit", "abort"),
  }),
  { maxLength: 12 },
);

const batchOf = (firstOffset: bigint, size: number, attributes: number, producerId: bigint, key?: Buffer): Batch => ({
  firstOffset,
  lastOffsetDelta: size - 1,
  firstTimestamp: 1_700_000_000_000n,
  maxTimestamp: 1_700_000_000_000n,
  attributes,
  producerId,
  records: Array.from({ length: size }, (_, i) => ({
    offsetDelta: i,
    timestampDelta: BigInt(i),
    key,
    value: Buffer.from(String(firstOffset + BigInt(i))),
    headers: [],
  })),
});

it("passes on every record that is not of an aborted transaction, once, from any offset", () => {
  fc.assert(
    fc.property(log, fc.nat(200), (made, start) => {
      const [batches, aborted, wanted]: [Batch[], { producerId: bigint; firstOffset: bigint }[], number[]] = [
        [],
        [],
        [],
      ];
      let offset = 0n;
      for (const { size, gap, kind } of made) {
        offset += BigInt(gap);
        const from = offset;
        batches.push(batchOf(offset, size, kind === "plain" ? 0 : 16, kind === "plain" ? -1n : 7n));
        offset += BigInt(size);
        if (kind === "abort") aborted.push({ producerId: 7n, firstOffset: from });
        else for (let at = from; at < offset; at++) wanted.push(Number(at));
        if (kind === "plain") continue;
        batches.push(batchOf(offset, 1, 16 | 32, 7n, Buffer.from([0, 0, 0, kind === "abort" ? 0 : 1])));
        offset++;
      }
      const chunks = [...chunksOf({ topic: "t", partition: 3, batches, aborted }, BigInt(start))];
      const parts = chunks.flatMap((chunk) => chunk.parts);
      expect(parts.map(({ position }) => position)).toEqual(wanted.filter((at) => at >= start));
      for (const { position, bytes, origin } of parts) {
        expect(Buffer.from(bytes).toString()).toBe(String(position));
        expect(origin).toMatchObject({ kafka: { topic: "t", partition: 3, offset: position } });
      }
      for (const { parts: own, next } of chunks) {
        expect(own.length).toBeLessThanOrEqual(256);
        for (const { position } of own) expect(BigInt(position)).toBeLessThan(next);
      }
      if (offset > BigInt(start)) expect(chunks.at(-1)?.next).toBe(offset);
      else expect(chunks).toEqual([]);
    }),
  );
});

it("says what Kafka says about a record; bytes that are no text become base64", () => {
  const batch = batchOf(5n, 1, 0, -1n, Buffer.from([0xff, 0xfe]));
  const headers = [
    [Buffer.from("team"), Buffer.from("blue")],
    [Buffer.from("none"), null],
  ] as const;
  const records = [{ ...batch.records[0]!, headers }];
  const [chunk] = chunksOf({ topic: "t", partition: 0, batches: [{ ...batch, records }], aborted: [] }, 0n);
  const timestamp = "2023-11-14T22:13:20.000Z";
  expect(chunk?.parts[0]?.origin).toEqual({
    kafka: { topic: "t", partition: 0, offset: 5, timestamp, key: "//4=", headers: { team: "blue", none: "" } },
  });
});

it("continues at the later of weir's position and the group's, and not at that of another topic of the name", () => {
  const own = positionsIn(new Map([["t/0", { position: 7, detail: { topic_id: "a" } }]])).get("t/0");
  expect(resume("a", own, 5n)).toBe(7n);
  expect(resume("a", own, 9n)).toBe(9n);
  expect(resume("a", own)).toBe(7n);
  expect(resume("b", own, -1n)).toBeUndefined();
  expect(resume("b", undefined, 0n)).toBe(0n);
});

it("goes to where the broker has records", () => {
  expect([within(3n, 5n, 9n), within(7n, 5n, 9n), within(12n, 5n, 9n)]).toEqual([5n, 7n, 9n]);
});

it("finds topics by names with wildcards", () => {
  const matches = topicMatcher(["audit", "logs-*", "a.?"]);
  expect(["audit", "logs-", "logs-x.y", "a.b"].every(matches)).toBe(true);
  expect(["audits", "xaudit", "log-x", "a.bc", "aXb"].some(matches)).toBe(false);
  expect(["audit", "a*", "a?"].map(hasWildcards)).toEqual([false, true, true]);
});
