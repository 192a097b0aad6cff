import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deepestRecord, longestBlock, longestRecord, type ScanPlan } from "./plan.ts";
import { mutated, randomOf } from "./testing/mutator.ts";
import { depthOf, isObject } from "./testing/oracle.ts";
import { planned, recordText } from "./testing/plans.ts";
import { scanners, type Whole, wholeItems, wholeLines } from "./testing/scans.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;

/** Every record with a verb is wanted, and one whose verb is not a text is asked. */
const plan: ScanPlan = {
  root: { members: new Map([["verb", { types: ["string"], leaf: 0 }]]), others: "free", hasPaths: false },
  alternatives: 1,
  leaves: [{ absent: new Uint32Array([0]), otherTexts: new Uint32Array([1]) }],
};

/** What was found, as text. */
const told = (block: Buffer, { found }: Whole) =>
  found.map(({ start, end, why, leaf, valueStart, valueEnd }) => ({
    record: block.toString("latin1", start, end).trim(),
    why,
    leaf,
    value: block.toString("latin1", valueStart, valueEnd),
  }));

const isItem = (text: string): boolean => isObject(text) && depthOf(text) <= deepestRecord;

describe("items of an array", () => {
  it("are found as the same records are in lines, with any white space around, and wherever the block begins and is cut", () => {
    fc.assert(
      fc.property(
        planned,
        fc.array(recordText, { minLength: 1, maxLength: 12 }),
        fc.array(fc.constantFrom("", " ", "\n", "\r\n\t"), { minLength: 1 }),
        fc.array(fc.nat(), { maxLength: 5 }),
        ({ plan: some, seed }, records, blanks, cuts) => {
          const random = randomOf(seed);
          const texts = records.map((text) => mutated(Buffer.from(text).toString("latin1"), random)).filter(isItem);
          const items = texts.map((text) => text.trim());
          const spaced = items.map(
            (item, at) => `${blanks[at % blanks.length]}${item}${blanks[(at + 1) % blanks.length]}`,
          );
          const lines = Buffer.from(items.map((item) => `${item}\n`).join(""), "latin1");
          const array = Buffer.from(`[${spaced.join(",")}] , {}`, "latin1");
          const end = array.lastIndexOf("]");
          const [one, other] = scanners(some);
          const expected = wholeLines(one!, lines);
          for (const scanner of [one!, other!]) {
            const all = wholeItems(scanner, array, 1);
            expect({ found: told(array, all), records: all.records }).toEqual({
              found: told(lines, expected),
              records: items.length,
            });
            expect(array.toString("latin1", all.reached, end).trim()).toBe("");
            // A block that is cut is gone on with where the scan of it stopped.
            let reached = 1;
            let count = 0;
            const parts = [];
            for (const cut of [...cuts.map((at) => at % array.length).sort((a, b) => a - b), array.length]) {
              if (cut <= reached) continue;
              const part = wholeItems(scanner, array, reached, cut);
              parts.push(...told(array, part));
              count += part.records;
              reached = part.reached;
            }
            expect({ parts, count, reached }).toEqual({
              parts: told(lines, expected),
              count: items.length,
              reached: all.reached,
            });
          }
        },
      ),
      { numRuns: isLong ? 10_000 : 150 },
    );
  });

  it("end before what is not an object, not valid, too deep or not whole, and before the end of the array", () => {
    const good = '{"verb":"get"}';
    const deep = `{"a":${"[".repeat(60)}${"]".repeat(60)}}`;
    for (const [array, at, records] of [
      ["]", 0, 0],
      ["  ]", 2, 0],
      ["", 0, 0],
      [`${good}]`, 14, 1],
      [`${good} ] `, 15, 1],
      [`${good},${good}`, 15, 1],
      [`${good},${good},`, 15, 1],
      [`${good},${good}, `, 15, 1],
      [`${good},${good},{`, 30, 2],
      [`${good},${good}}`, 15, 1],
      [`${good},]`, 0, 0],
      [`${good} , \n ]`, 0, 0],
      [`${good},1,${good}]`, 15, 1],
      [`${good}, null]`, 16, 1],
      [`${good},[{}],${good}]`, 15, 1],
      [`${good},{"a":tru},${good}]`, 15, 1],
      [`${good},${deep},${good}]`, 15, 1],
      [`${good},,${good}]`, 15, 1],
      [`${good},{"a":"\n"},${good}]`, 15, 1],
      [`${good}\0`, 0, 0],
      [`${good},\0`, 15, 1],
    ] as const) {
      const block = Buffer.from(array);
      for (const scanner of scanners(plan)) {
        const { reached, found, records: scanned } = wholeItems(scanner, block);
        expect({ array, reached, found: found.length, scanned }).toEqual({
          array,
          reached: at,
          found: records,
          scanned: records,
        });
      }
    }
  });

  it("are asked if they are too long", () => {
    const item = (length: number) => `{"a":"${"x".repeat(length - 8)}"}`;
    const block = Buffer.from(` ${item(longestRecord)} , ${item(longestRecord + 1)}\n]`);
    for (const scanner of scanners(plan)) {
      const { found, records } = wholeItems(scanner, block);
      expect(found).toMatchObject([{ why: "asked", start: longestRecord + 4, end: 2 * longestRecord + 5 }]);
      expect(records).toBe(2);
    }
  });
});

describe("blocks", () => {
  it("are scanned on if they have more records to find than one scan returns", () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, at) => ["", "{}", `{"verb":"v${at}"}`, '{"verb":1}', "{"][at % 5]!,
    );
    const block = Buffer.from(`before\n${lines.join("\n")}\nafter\n`);
    for (const scanner of scanners(plan)) {
      expect(scanner.lines(block, 7, block.length - 6).count).toBeLessThan(10_000);
      const { found, records, reached } = wholeLines(scanner, block, 7, block.length - 6);
      expect({ records, reached }).toEqual({ records: lines.length, reached: block.length - 6 });
      expect(found.map(({ start, end }) => block.toString("latin1", start, end))).toEqual(
        lines.filter((line) => line !== "{}"),
      );
      const items = Buffer.from(`${lines.map((_, at) => (at % 2 === 0 ? "{}" : `{"verb":"v${at}"}`)).join()}]`);
      const all = wholeItems(scanner, items);
      expect({ found: all.found.length, records: all.records, reached: all.reached }).toEqual({
        found: 10_000,
        records: 20_000,
        reached: items.length - 1,
      });
    }
  });

  it("are scanned anew, whatever was in the last one", () => {
    const random = randomOf(5);
    const both = scanners(plan);
    for (let round = 0; round < 200; round++) {
      const records = Array.from({ length: 1 + random(20) }, () => mutated('{"verb":"get","a":{"b":"c"}}', random));
      const lines = Buffer.from(`${records.join("\n")}\n`, "latin1");
      const items = Buffer.from(records.join(), "latin1").subarray(0, random(200));
      for (const scanner of both) {
        const [fresh] = scanners(plan);
        expect(wholeLines(scanner, lines)).toEqual(wholeLines(fresh!, lines));
        expect(wholeItems(scanner, items)).toEqual(wholeItems(fresh!, items));
      }
    }
  });

  it("may be empty, or as long as can be, and not longer; lines end with a line feed", () => {
    const most = Buffer.alloc(longestBlock, " ");
    most.write('{"verb":"get"}\n', longestBlock - 15);
    const more = Buffer.alloc(longestBlock + 1, "\n");
    for (const scanner of scanners(plan)) {
      expect(wholeLines(scanner, most)).toMatchObject({
        records: 1,
        found: [{ why: "asked", start: 0, end: longestBlock - 1 }],
      });
      expect(wholeItems(scanner, most)).toEqual({ records: 0, found: [], reached: longestBlock - 15 });
      expect(scanner.lines(more, 5, 5)).toMatchObject({ records: 0, count: 0, reached: 5 });
      expect(() => scanner.lines(more, 0, more.length)).toThrow(
        "A block has at most 1048576 bytes; this one has 1048577.",
      );
      expect(() => scanner.items(more, 0, more.length)).toThrow(RangeError);
      expect(() => scanner.lines(most, 0, 10)).toThrow("A block of lines ends with a line feed; this one does not.");
    }
  });
});
