import { describe, expect, it } from "vitest";
import { plainScanner } from "./plain-scanner.ts";
import { longestValue, type MemberPlan, mostAlternatives, mostLeaves, mostMembers, type ScanPlan } from "./plan.ts";
import { scannerOf } from "./scanner.ts";
import { scanners, wholeLines } from "./testing/scans.ts";
import { wasmScanner } from "./wasm-scanner.ts";

const setOf = (alternatives: number, ...those: number[]): Uint32Array => {
  const set = new Uint32Array(Math.ceil(alternatives / 32));
  for (const one of those) set[one >> 5]! |= 1 << (one & 31);
  return set;
};

const planOf = (alternatives: number, members: Readonly<Record<string, MemberPlan>>, leaves: number): ScanPlan => ({
  root: { members: new Map(Object.entries(members)), others: "free", hasPaths: false },
  alternatives,
  leaves: Array.from({ length: leaves }, () => ({ absent: setOf(alternatives), otherTexts: undefined })),
});

const verb: MemberPlan = { types: ["string", "number"], leaf: 0 };

const whys = (scanner: ReturnType<typeof plainScanner>, lines: readonly string[]): (string | undefined)[] => {
  const { found } = wholeLines(scanner, Buffer.from(`${lines.join("\n")}\n`));
  let start = 0;
  return lines.map((line) => {
    const why = found.find((one) => one.start === start)?.why;
    start += Buffer.byteLength(line) + 1;
    return why;
  });
};

describe("a value of a leaf", () => {
  it("is unknown until it is learned, and says what was learned last", () => {
    for (const scanner of scanners(planOf(40, { verb }, 1))) {
      const lines = ['{"verb":"get"}', '{"verb": 1}', "{}"];
      expect(whys(scanner, lines)).toEqual(["unknown", "unknown", undefined]);
      scanner.learn(0, Buffer.from('"get"'), setOf(40, 39));
      scanner.learn(0, Buffer.from("1"), setOf(40));
      expect(whys(scanner, lines)).toEqual(["wanted", undefined, undefined]);
      scanner.learn(0, Buffer.from('"get"'), setOf(40));
      expect(whys(scanner, lines)).toEqual([undefined, undefined, undefined]);
    }
  });

  it("is asked if it is longer than can be known, unless its leaf is open", () => {
    const lines = [longestValue, longestValue + 1].map((length) => `{"verb":"${"x".repeat(length - 2)}"}`);
    for (const scanner of scanners(planOf(1, { verb }, 1))) {
      expect(whys(scanner, lines)).toEqual(["unknown", "asked"]);
      expect(() => scanner.learn(0, Buffer.alloc(longestValue + 1), setOf(1))).toThrow(RangeError);
      scanner.open(0, setOf(1, 0));
      expect(whys(scanner, lines)).toEqual(["wanted", "wanted"]);
      scanner.open(0, setOf(1));
      expect(whys(scanner, lines)).toEqual([undefined, undefined]);
    }
  });

  it("is forgotten with all others when there is no room for another, and can be learned again", () => {
    for (const alternatives of [1, mostAlternatives]) {
      const line = (at: number) => `{"verb":"value ${at}"}`;
      const json = (at: number) => Buffer.from(`"value ${at}"`);
      const rooms = scanners(planOf(alternatives, { verb }, 1)).map((scanner) => {
        const say = (at: number) => setOf(alternatives, at % alternatives, (at >> 3) % alternatives);
        let room = 0;
        while (scanner.learn(0, json(room), say(room))) room++;
        expect(room).toBeLessThan(10_000);
        expect(whys(scanner, [0, 1, room - 1].map(line))).toEqual(["unknown", "unknown", "unknown"]);
        for (let at = 0; at < room; at++) expect(scanner.learn(0, json(at), say(at))).toBe(true);
        expect(whys(scanner, [0, 1, room - 1].map(line))).toEqual(["wanted", "wanted", "wanted"]);
        // One that is known needs no room.
        expect(scanner.learn(0, json(0), say(0))).toBe(true);
        return room;
      });
      expect(new Set(rooms).size).toBe(1);
      expect(rooms[0]).toBeGreaterThan(900);
    }
  });

  it("has a limit also for the bytes of all", () => {
    const long = (at: number) => Buffer.from(`"${`${at}`.padStart(longestValue - 2, "x")}"`);
    for (const scanner of scanners(planOf(1, { verb }, 1))) {
      let room = 0;
      while (scanner.learn(0, long(room), setOf(1, 0))) room++;
      expect(room).toBeGreaterThan(1000);
      expect(scanner.learn(0, long(0), setOf(1, 0))).toBe(true);
    }
  });
});

describe("a plan", () => {
  it("can have so many members, leaves and alternatives, and not more", () => {
    const members = Object.fromEntries(
      Array.from({ length: mostMembers }, (_, at): [string, MemberPlan] => [
        `member ${at}`,
        { types: ["string"], isRequired: true, ...(at < mostLeaves && { leaf: at }) },
      ]),
    );
    const most = planOf(mostAlternatives, members, mostLeaves);
    const record = Object.fromEntries(Object.keys(members).map((name) => [name, "x"]));
    for (const scanner of scanners(most)) {
      for (let leaf = 0; leaf < mostLeaves; leaf++) {
        expect(whys(scanner, [JSON.stringify(record)])).toEqual(["unknown"]);
        scanner.learn(leaf, Buffer.from('"x"'), setOf(mostAlternatives, leaf, mostAlternatives - 1));
      }
      expect(whys(scanner, [JSON.stringify(record)])).toEqual(["wanted"]);
      scanner.learn(31, Buffer.from('"x"'), setOf(mostAlternatives, 0));
      expect(whys(scanner, [JSON.stringify(record)])).toEqual([undefined]);
      for (const name of ["member 0", "member 127"])
        expect(whys(scanner, [JSON.stringify({ ...record, [name]: undefined })])).toEqual(["asked"]);
    }
    const refused: readonly [ScanPlan, string][] = [
      [planOf(mostAlternatives + 1, {}, 0), "A plan can have at most 2048 alternatives; this one has 2049."],
      [planOf(1, {}, mostLeaves + 1), "A plan can have at most 32 leaves; this one has 33."],
      [planOf(1, { ...members, more: verb }, 32), "A plan can have at most 128 members; this one has 129."],
      [planOf(1, { ["x".repeat(256)]: { types: [] } }, 1), "can have at most 255 bytes in the name"],
      [planOf(1, { "\ud800": { types: [] } }, 1), "has half of a surrogate pair"],
      [planOf(1, { verb }, 0), "The plan has no leaf 0."],
      [planOf(1, { verb, other: verb }, 1), "The plan has leaf 0 twice."],
      [{ ...planOf(33, {}, 0), leaves: [{ absent: setOf(1), otherTexts: undefined }] }, "33 alternatives has 2 words"],
    ];
    for (const [plan, message] of refused)
      for (const scanner of [plainScanner, wasmScanner]) expect(() => scanner(plan)).toThrow(message);
  });

  it("is scanned without WebAssembly where there is none", () => {
    const { WebAssembly } = globalThis as { WebAssembly?: unknown };
    try {
      Object.assign(globalThis, { WebAssembly: undefined });
      expect(wasmScanner(planOf(1, { verb }, 1))).toBeUndefined();
      expect(whys(scannerOf(planOf(1, { verb }, 1)), ['{"verb":1}', "{}", "{"])).toEqual([
        "unknown",
        undefined,
        "asked",
      ]);
    } finally {
      Object.assign(globalThis, { WebAssembly });
    }
  });
});
