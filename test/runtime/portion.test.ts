import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import { readSource } from "weir/testing";
import journald from "../../plugins/sources/journald/index.ts";
import type { Reading } from "../../src/plugin.ts";
import { divided, portionAfter } from "../../src/runtime/flow/portion.ts";
import { newDraft } from "../../src/runtime/flow/whole-reading.ts";

const portions = (reading: Reading, size: number): Reading[] => {
  const [first, rest] = divided(reading, size);
  return rest ? [first, ...portions(rest, size)] : [first];
};

it("divides a reading into portions that follow each other, and ends the stream with the last", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), fc.integer({ min: 1, max: 60 }), fc.boolean(), (bytes, size, end) => {
      const all = portions({ stream: "s", position: 7, bytes, end }, size);
      expect(Buffer.concat(all.map((one) => one.bytes))).toEqual(Buffer.from(bytes));
      let at = 7;
      for (const { position, bytes: some } of all) {
        expect(position).toBe(at);
        expect(some.length).toBeLessThanOrEqual(size);
        at += some.length;
      }
      expect(all.slice(0, -1).some((one) => one.end)).toBe(false);
      expect(all.at(-1)!.end).toBe(end);
    }),
  );
});

it("leaves the entries of a journal together with the cursor after them, however long they are", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weir-portion-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const journalctl = join(folder, "journalctl");
  const entries = [10, 400_000, 10, 300_000].map(
    (length, n) => `{"MESSAGE":"${"x".repeat(length)}","__CURSOR":"c${n}"}\n`,
  );
  writeFileSync(join(folder, "entries"), entries.join(""));
  writeFileSync(journalctl, `#!/bin/sh\nexec cat ${folder}/entries\n`);
  chmodSync(journalctl, 0o700);
  const config = { units: [], identifiers: [], matches: [], current_boot: false, read_from: "beginning" };
  const read: Reading[] = [];
  for await (const reading of readSource(journald, {
    config: { ...config, follow: false, journalctl, backoff: { initial: 1, max: 20 } },
  }))
    read.push({ ...reading, bytes: Buffer.from(reading.bytes) });
  expect(Buffer.concat(read.map(({ bytes }) => bytes)).toString()).toBe(entries.join(""));
  // Otherwise the cursor could be committed before its entries, which a crash would then skip.
  for (const reading of read) if (reading.detail !== undefined) expect(portions(reading, 1)).toHaveLength(1);
});

it("takes less at once of what takes long, and more again when it does not", () => {
  const draft = newDraft();
  const kibibyte = 1024;
  // Half as long as it may take: twice as much.
  expect(portionAfter(draft, 32 * kibibyte, 2)).toBe(64 * kibibyte);
  expect(portionAfter(draft, 256 * kibibyte, 32)).toBe(32 * kibibyte);
  expect(portionAfter(draft, 256 * kibibyte, 1_000)).toBe(4 * kibibyte);
  expect(portionAfter(draft, 64 * kibibyte, 0)).toBe(256 * kibibyte);
  expect(portionAfter({ ...draft, passed: 100 }, 256 * kibibyte, 0.1)).toBe(1024 * kibibyte);
  // The end of a reading is too short to say anything.
  expect(portionAfter(draft, 100, 50)).toBeUndefined();
});
