import fc from "fast-check";
import { expect, it } from "vitest";
import { RecordMeta } from "../../event.ts";
import { guardOfKql } from "../../kql/guard.ts";
import { parseKql } from "../../kql/index.ts";
import { Passer } from "../passer.ts";
import { planOf } from "../plan-of.ts";
import { scannerOf } from "../scanner.ts";
import { TaughtScanner, teach } from "./lessons.ts";
import { scanSlot } from "./scan-slot.ts";
import { ScannedAhead } from "./scanned-ahead.ts";
import { Slot } from "./slot.ts";

const planned = (where: string) => {
  const ending = { guards: [{ name: "where", guard: guardOfKql(parseKql(where)) }], consumed: "filtered" };
  const found = planOf({
    ways: [{ id: "filter", turned: [], ending }],
    read: (json) => ({ data: JSON.parse(json), meta: new RecordMeta("", "", 0, 0) }),
    isAdded: () => false,
  });
  if (typeof found === "string") throw new Error(found);
  return found;
};

const plan = planned("verb:(get or watch) and agent:*curl*8 and code >= 400");

/** The lines of `bytes[start, end)` that a passer does not pass over. Lines at which it is not sure are all found. */
const found = (passer: Passer, bytes: Buffer, start: number, end: number, ahead?: ScannedAhead, position = 0) => {
  const lines: string[] = [];
  let passed = 0;
  for (let at = start; at < end; ) {
    const sifted = passer.lines(bytes, at, end, ahead, position);
    if (typeof sifted === "number") {
      lines.push(...bytes.toString("latin1", at, sifted).split("\n").slice(0, -1));
      at = sifted;
      continue;
    }
    for (const one of sifted.found.slice(0, sifted.count)) lines.push(bytes.toString("latin1", one.start, one.end));
    passed += sifted.records - sifted.count;
    at = sifted.reached;
  }
  return { lines, passed };
};

const record = fc.oneof(
  fc.record({
    verb: fc.constantFrom("get", "watch", "list"),
    agent: fc.oneof(
      fc.constantFrom("curl/8", "kubelet", "x".repeat(300), `curl${"x".repeat(300)}`),
      fc.nat(40).map((n) => `${n % 2 ? "curl" : "é"}${n}`),
    ),
    code: fc.constantFrom<unknown>(200, 403, "404", null, [500]),
  }),
  fc.record({ verb: fc.constantFrom<unknown>("get", 7, ""), pad: fc.constantFrom("", "é", "y".repeat(2_000)) }),
);

const line = fc.oneof(
  { weight: 20, arbitrary: record.map((one) => JSON.stringify(one)) },
  { weight: 1, arbitrary: fc.constantFrom("", "{", '{"verb":"get","verb":"list"}', '{"v\\u0065rb":"get"}', "null") },
);

it("what was scanned ahead, with less knowledge and in other parts, is found as if each line were scanned when its turn comes", () => {
  // More values than are learned.
  const codes = Array.from({ length: 4_200 }, (_, n) =>
    JSON.stringify({ verb: "get", agent: "curl", code: n % 2 ? -n : `${n}` }),
  );
  const few = fc.array(line, { minLength: 1, maxLength: 60 });
  const lines = fc.oneof(
    { weight: 9, arbitrary: few },
    { weight: 1, arbitrary: few.map((some) => [...some, ...codes, ...some]) },
  );
  const step = fc.record({ lines, cut: fc.nat(6_000), again: fc.nat(3) });
  const slots = [new Slot(), new Slot(), new Slot()];
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), fc.nat(2), (steps, lead) => {
      const alone = new Passer(plan, scannerOf(plan.plan), () => false);
      const taught = new TaughtScanner(scannerOf(plan.plan), plan.plan);
      const passer = new Passer(plan, taught, () => false);
      const other = scannerOf(plan.plan);
      let told = 0;
      let position = 0;
      const blocks = steps.map(({ lines, again }) =>
        Buffer.from(Array.from({ length: again + 1 }, () => `${lines.join("\n")}\n`).join("")),
      );
      const ahead: ScannedAhead[] = [];
      let scanned = 0;
      const positions = blocks.map((block) => {
        position += block.length;
        return position - block.length;
      });
      for (const [index, block] of blocks.entries()) {
        // The other thread is up to `lead` blocks in front.
        for (; scanned < blocks.length && scanned <= index + lead; scanned++) {
          for (; told < taught.lessons.length; told++) teach(other, taught.lessons[told]!);
          const slot = slots[scanned % 3]!;
          slot.bytes.set(blocks[scanned]!);
          scanSlot(other, slot, 0, blocks[scanned]!.length);
          ahead[scanned] = new ScannedAhead(slot, positions[scanned]!, told);
        }
        const { bytes } = slots[index % 3]!;
        // The block is decoded in two parts, each of which begins with a line.
        const cut = bytes.lastIndexOf(10, Math.min(steps[index]!.cut, block.length - 1)) + 1;
        const [first, second] = [bytes.subarray(0, cut), bytes.subarray(cut, block.length)];
        const at = positions[index]!;
        const parts = [
          found(passer, first, 0, first.length, ahead[index], at),
          found(passer, second, 0, second.length, ahead[index], at + cut),
        ];
        const whole = found(alone, block, 0, block.length);
        expect(parts.flatMap(({ lines }) => lines)).toEqual(whole.lines);
        expect(parts[0]!.passed + parts[1]!.passed).toBe(whole.passed);
      }
    }),
    { numRuns: process.env["WEIR_LONG"] ? 5_000 : 60 },
  );
});

it("what does not fit into a slot is left to the main thread", () => {
  const block = Buffer.from('{"verb":"get"}\n'.repeat(20_000));
  const slot = new Slot();
  slot.bytes.set(block);
  const of = planned("verb:get");
  const taught = new TaughtScanner(scannerOf(of.plan), of.plan);
  const passer = new Passer(of, taught, () => false);
  const other = scannerOf(of.plan);
  for (const lesson of taught.lessons) teach(other, lesson);
  scanSlot(other, slot, 0, block.length);
  expect(slot.run(slot.runs - 1).end).toBeLessThan(block.length);
  const ahead = new ScannedAhead(slot, 0, taught.lessons.length);
  expect(found(passer, slot.bytes, 0, block.length, ahead).lines).toHaveLength(20_000);
});
