import fc from "fast-check";
import { expect, it } from "vitest";
import { RecordMeta } from "../../event.ts";
import { isObject } from "../../json.ts";
import { guardOfKql } from "../../kql/guard.ts";
import { parseKql } from "../../kql/index.ts";
import { kubernetesList } from "../../kubernetes-list.ts";
import { Passer } from "../../scan/passer.ts";
import { longestRecord } from "../../scan/plan.ts";
import { planOf } from "../../scan/plan-of.ts";
import { scannerOf } from "../../scan/scanner.ts";
import { pushSifted } from "../sift.ts";
import type { Oversize, Records } from "./framing.ts";
import { ItemsFraming } from "./items.ts";
import { lineEndsOf } from "./line-ends.ts";
import { NewlineFraming } from "./newline.ts";

const passer = () => {
  const planned = planOf({
    ways: [
      {
        id: "filter",
        turned: [],
        ending: { guards: [{ name: "where", guard: guardOfKql(parseKql("verb:get")) }], consumed: "filtered" },
      },
    ],
    read: (json) => ({ data: JSON.parse(json), meta: new RecordMeta("", "", 0, 0) }),
    isAdded: () => false,
  });
  if (typeof planned === "string") throw new Error(planned);
  return new Passer(planned, scannerOf(planned.plan), () => false);
};

/** Remembers what a framing passes on: each record with its place, and how many were passed over. */
class Taken implements Records {
  readonly records: string[] = [];
  passedOver = 0;
  zeroBytes = 0;

  record(block: Buffer, start: number, end: number, position: number): void {
    this.records.push(`${position} ${block.toString("latin1", start, end)}`);
  }

  oversize({ position, length }: Oversize): void {
    this.records.push(`${position} ${length} bytes`);
  }

  passed(count: number): void {
    this.passedOver += count;
  }

  zeros(count: number): void {
    this.zeroBytes += count;
  }
}

const itemsOf = (body: Buffer, own?: Passer): Taken => {
  const framing = new ItemsFraming(1 << 20, 0, { splitItems: "always", listKind: kubernetesList, passer: own });
  const taken = new Taken();
  framing.push(body, 0);
  for (const _ of framing.end(taken));
  return taken;
};

/** The lines of a log that is read in blocks of so many bytes, and where a reader would continue after each block. */
const linesOf = (log: Buffer, size: number, passer?: Passer) => {
  const framing = new NewlineFraming(longestRecord, 0, lineEndsOf("utf-8"));
  const taken = new Taken();
  const reached: number[] = [];
  for (let position = 0; position < log.length; position += size) {
    const block = log.subarray(position, position + size);
    if (passer) pushSifted({ block, position, records: taken, framing, passer });
    else framing.push(block, position, taken);
    reached.push(framing.reached);
  }
  for (const _ of framing.end(taken));
  return { taken, reached };
};

/** The same records came out, but for those that were passed over. Returns how many were. */
const compare = (fast: Taken, full: Taken): number => {
  const kept = (records: readonly string[]) => records.filter((record) => !isUnwanted(record));
  expect(kept(fast.records)).toEqual(kept(full.records));
  expect(fast.passedOver + fast.records.length).toBe(full.records.length);
  expect(fast.zeroBytes).toBe(full.zeroBytes);
  expect(full.passedOver).toBe(0);
  return fast.passedOver;
};

const isUnwanted = (record: string): boolean => {
  try {
    const value: unknown = JSON.parse(record.slice(record.indexOf(" ") + 1));
    return isObject(value) && value["verb"] !== "get";
  } catch {
    return false;
  }
};

/** Parts of lists, sound and broken. To the framing, other control characters are white space, too. */
const part = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('{"verb":"get"}', '{"verb":"list"}', "{}", '{"verb":"list","a":[1]}') },
  { weight: 8, arbitrary: fc.constantFrom(",", ", ", " ,") },
  { weight: 3, arbitrary: fc.constantFrom("[", "]", "]}", '{"items":[', '],"kind":"List"}') },
  { weight: 2, arbitrary: fc.constantFrom(" ", "\0", "\n", "\v", "7", '"a"', "{", "}", '{"verb":', "nul", "\ufeff") },
);
const item = fc.constantFrom('{"verb":"get"}', '{"verb":"list"},', '{"verb":"list"}', '{"a":{}}', "{}");
const body = fc
  .tuple(
    fc.constantFrom("[", '{"items":[', ""),
    fc.oneof(
      fc.array(part),
      fc.array(fc.tuple(item, fc.constantFrom(",", ", ", ",\0", "\0,", ",,", "")), { minLength: 1 }),
    ),
    fc.constantFrom("]", "]}", ",]", ",\0]", "\0]", "]]", ""),
  )
  .map((parts) => Buffer.from(parts.flat(2).join("")));

const numRuns = process.env["WEIR_LONG"] ? 100_000 : 5_000;

it("the items of a body are the same, but for those that are passed over, which are counted", () => {
  const own = passer();
  let passedOver = 0;
  fc.assert(
    fc.property(body, (bytes) => {
      passedOver += compare(itemsOf(bytes, own), itemsOf(bytes));
    }),
    { numRuns },
  );
  expect(passedOver).toBeGreaterThan(1000);
});

const line = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('{"verb":"get"}', '{"verb":"list"}', "{}", ' {"verb":"list"} ') },
  { weight: 2, arbitrary: fc.constantFrom("", " ", "\r", "\0", "\0".repeat(16), "7", "[]", "{", "\ufeff{}", "null") },
  {
    weight: 2,
    arbitrary: fc.constantFrom("\0{}", "{}\0", "{}".repeat(30)),
  },
);
const log = fc
  .tuple(
    fc.array(fc.tuple(line, fc.constantFrom("\n", "\n", "\r\n", "\0\n", ""))),
    fc.constantFrom(1, 20, 50, 200, 1000),
  )
  .map(([lines, size]) => ({ bytes: Buffer.from(lines.flat().join("")), size }));

it("so are the lines of a log", () => {
  const own = passer();
  let passedOver = 0;
  fc.assert(
    fc.property(log, ({ bytes, size }) => {
      const [fast, full] = [linesOf(bytes, size, own), linesOf(bytes, size)];
      passedOver += compare(fast.taken, full.taken);
      expect(fast.reached).toEqual(full.reached);
    }),
    { numRuns },
  );
  expect(passedOver).toBeGreaterThan(500);
});
