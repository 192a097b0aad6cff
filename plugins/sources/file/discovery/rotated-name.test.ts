import fc from "fast-check";
import { expect, it } from "vitest";
import { isRotatedName, logPathOf, rotationTime } from "./rotated-name.ts";

const word = fc.string({ unit: fc.constantFrom("a", "b", "-"), minLength: 1, maxLength: 4 });
const time = fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true });
const suffix = fc.constantFrom("", ".gz");

const nameAt = (stem: string, time: Date, suffix: string) =>
  `${stem}-${time.toISOString().slice(0, -1).replaceAll(":", "-")}.log${suffix}`;

it("recognises the name of a rotated file, compressed or not, and reads its time", () => {
  fc.assert(
    fc.property(word, time, suffix, (stem, time, suffix) => {
      const name = nameAt(stem, time, suffix);
      expect(isRotatedName(name, `/logs/${stem}.log`)).toBe(true);
      expect(isRotatedName(name, `/logs/${stem}.txt`)).toBe(false);
      expect(isRotatedName(name, `/logs/x${stem}.log`)).toBe(false);
      expect(rotationTime(`/logs/${name}`)).toBe(BigInt(time.getTime()) * 1_000_000n);
    }),
  );
});

it("finds no time in other names, and does not take a log for a file rotated from it", () => {
  for (const name of ["audit.log", "audit-1.log", "audit-2031-01-01.log", "audit-2031-13-01T00-00-00.000.log"])
    expect(rotationTime(`/logs/${name}`)).toBeUndefined();
  expect(rotationTime("/logs/a-2031-01-01T00-00-00.000.log/b.log")).toBeUndefined();
  expect(isRotatedName("audit-.log", "/logs/audit-.log")).toBe(false);
});

it("assigns a rotated file to the log with the longest matching stem in its directory", () => {
  fc.assert(
    fc.property(fc.uniqueArray(word, { maxLength: 6 }), word, time, suffix, (stems, stem, time, suffix) => {
      const logPaths = new Set(stems.flatMap((stem) => [`/logs/${stem}.log`, `/other/${stem}${stem}.log`]));
      const name = nameAt(stem, time, suffix);
      const matching = stems.filter((stem) => name.startsWith(stem)).sort((a, b) => b.length - a.length);
      const expected = matching.length > 0 ? `/logs/${matching[0]}.log` : `/logs/${name}`;
      expect(logPathOf(`/logs/${name}`, logPaths)).toBe(expected);
    }),
  );
});
