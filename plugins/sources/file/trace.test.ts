import fc from "fast-check";
import { expect, it } from "vitest";
import { headLength, printOf, tailLength } from "./print.ts";
import { Trace } from "./trace.ts";

const bytes = fc.uint8Array({ maxLength: 3_000 });

it("has the prints of the first and the last bytes, however they came, from wherever reading began", () => {
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(3_000), { maxLength: 5 }), fc.nat(3_000), (file, cuts, start) => {
      const begin = Math.min(start, file.length);
      const stops = [...cuts.map((cut) => Math.min(cut, file.length)), file.length].sort((a, b) => a - b);
      const trace = new Trace();
      trace.begin(
        file.subarray(0, Math.min(headLength, begin)),
        file.subarray(Math.max(0, begin - tailLength), begin),
        begin,
      );
      let at = begin;
      for (const stop of stops.filter((stop) => stop >= begin)) {
        trace.add(file.subarray(at, stop));
        at = stop;
      }
      const head = file.subarray(0, headLength);
      expect(trace.prints).toEqual({
        head: printOf(head, head.length),
        tail: printOf(file.subarray(-tailLength), file.length),
      });
    }),
  );
});

it("tells other first bytes from those that are known beyond the place read to", () => {
  fc.assert(
    fc.property(bytes, fc.nat(1_200), fc.nat(2_000), (file, place, change) => {
      const head = file.subarray(0, headLength);
      const position = Math.min(place, file.length);
      const trace = new Trace();
      trace.begin(head, file.subarray(Math.max(0, position - tailLength), position), position);
      expect(trace.agrees(file.subarray(position))).toBe(true);
      const other = Uint8Array.from(file.subarray(position));
      if (change >= other.length) return;
      other[change]! ^= 1;
      const isKnown = position + change < head.length;
      expect(trace.agrees(other)).toBe(!isKnown);
      expect(trace.agrees(file.subarray(position, position + change))).toBe(!isKnown);
    }),
  );
});
