import fc from "fast-check";
import { expect, it } from "vitest";
import { isoIn, utc, zoneOf } from "./zone.ts";

/** The years 0 to 9999; instants of one day now and then follow each other. */
const instants = fc.array(
  fc.oneof(
    fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }),
    fc.integer({ min: -90_000_000, max: 90_000_000 }),
  ),
);

it("writes an instant as JavaScript's Date does, with the offset of its zone", () => {
  const india = zoneOf("+05:30")!;
  fc.assert(
    fc.property(instants, (list) => {
      for (const instant of list) {
        expect(isoIn(utc, instant)).toBe(new Date(instant).toISOString());
        const local = Math.min(instant, 253_402_200_000_000);
        expect(isoIn(india, local)).toBe(`${new Date(local + 19_800_000).toISOString().slice(0, -1)}+05:30`);
      }
    }),
  );
});
