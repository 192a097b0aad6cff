import fc from "fast-check";
import { expect, it } from "vitest";
import { ContentTracker, fingerprintOf, headLength, tailLength } from "./fingerprint.ts";

const bytes = fc.uint8Array({ maxLength: 3_000 });

it("has the fingerprints of the first and last bytes, wherever reading started and whatever the block sizes", () => {
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(3_000), { maxLength: 5 }), fc.nat(3_000), (file, cuts, start) => {
      const begin = Math.min(start, file.length);
      const stops = [...cuts.map((cut) => Math.min(cut, file.length)), file.length].sort((a, b) => a - b);
      const tracker = new ContentTracker();
      tracker.start(
        file.subarray(0, Math.min(headLength, begin)),
        file.subarray(Math.max(0, begin - tailLength), begin),
        begin,
      );
      let at = begin;
      for (const stop of stops.filter((stop) => stop >= begin)) {
        tracker.add(file.subarray(at, stop));
        at = stop;
      }
      const head = file.subarray(0, headLength);
      expect(tracker.fingerprints).toEqual({
        head: fingerprintOf(head, head.length),
        tail: fingerprintOf(file.subarray(-tailLength), file.length),
      });
    }),
  );
});

it("rejects bytes that differ from a head that reaches beyond the position read to", () => {
  fc.assert(
    fc.property(bytes, fc.nat(1_200), fc.nat(2_000), (file, place, change) => {
      const head = file.subarray(0, headLength);
      const position = Math.min(place, file.length);
      const tracker = new ContentTracker();
      tracker.start(head, file.subarray(Math.max(0, position - tailLength), position), position);
      expect(tracker.accepts(file.subarray(position))).toBe(true);
      const other = Uint8Array.from(file.subarray(position));
      if (change >= other.length) return;
      other[change]! ^= 1;
      const isKnown = position + change < head.length;
      expect(tracker.accepts(other)).toBe(!isKnown);
      expect(tracker.accepts(file.subarray(position, position + change))).toBe(!isKnown);
    }),
  );
});

it("learns more of the head, but never bytes that contradict what was read", () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(bytes, bytes, fc.boolean(), (read, more, grows) => {
      const found = grows ? Buffer.concat([read, more]) : more;
      const tracker = new ContentTracker();
      tracker.add(read);
      tracker.extend(found);
      const isContinued = found.length > read.length && Buffer.from(found).subarray(0, read.length).equals(read);
      const head = isContinued ? found : read;
      expect(tracker.fingerprints.head).toEqual(fingerprintOf(head, head.length));
      expect(tracker.fingerprints.tail).toEqual(fingerprintOf(read, read.length));
      expect(tracker.accepts(head.subarray(read.length))).toBe(true);
      if (isContinued) expect(tracker.accepts(Uint8Array.of(~found[read.length]!))).toBe(false);
    }),
  );
});

it("keeps no memory but that of the bytes it needs", () => {
  const kept = (bytes: Uint8Array) => bytes.buffer.byteLength;
  const block = Buffer.alloc(1 << 20, "a line of a log\n");
  const tracker = new ContentTracker();
  tracker.start(block.subarray(0, 10), block.subarray(0, 10), 10);
  expect(kept(tracker.tail)).toBe(10);
  for (const size of [5, 30, 60, 2_000, 1]) {
    tracker.add(block.subarray(0, size));
    expect(kept(tracker.tail)).toBe(tracker.tail.length);
  }
  expect(tracker.tail.length).toBe(tailLength);
});
