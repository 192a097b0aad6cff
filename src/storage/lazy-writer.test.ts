import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { openDataDir } from "../runtime/data-dir.ts";
import { noChanges } from "./database.ts";
import { lazyWriter } from "./lazy-writer.ts";
import { outboxDirectory, segmentName } from "./segments.ts";

/** Commits in turn to two outboxes, of so many bytes, or forgets the first; a large one starts the thread. */
const step = fc.oneof(
  { arbitrary: fc.record({ outbox: fc.constantFrom("a", "b"), bytes: fc.integer({ min: 1, max: 50 }) }), weight: 8 },
  { arbitrary: fc.constant({ outbox: "b", bytes: 100_000 }), weight: 1 },
  { arbitrary: fc.constant("forget" as const), weight: 1 },
);

it("has the same outboxes and ends as were committed, wherever commits are made", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { maxLength: 14 }), { minLength: 1, maxLength: 3 }), async (lives) => {
      const dataDir = mkdtempSync(join(tmpdir(), "weir-test-"));
      try {
        const expected = new Map<string, string>();
        let starts = 0;
        let ready = 0;
        for (const steps of lives) {
          const make = lazyWriter({ before: () => starts++, after: () => ready++ });
          const { writer, close } = openDataDir(dataDir, make);
          const before = starts;
          for (const each of steps) {
            if (each === "forget") {
              expect(await writer.commit({ ...noChanges, appends: [], forget: ["a"] })).toMatchObject({ ok: true });
              expected.delete("a");
              continue;
            }
            const { outbox, bytes } = each;
            const text = String.fromCharCode(97 + (bytes % 26)).repeat(bytes);
            const room = writer.room(bytes);
            room.set(Buffer.from(text));
            const answer = await writer.commit({ ...noChanges, appends: [{ outbox, bytes: room }] });
            const all = (expected.get(outbox) ?? "") + text;
            expected.set(outbox, all);
            expect(answer).toEqual({ ok: true, ends: [{ outbox, end: { segment: 1, offset: all.length } }] });
          }
          await close();
          const isLarge = steps.some((each) => each !== "forget" && each.bytes > 50);
          expect(starts > before).toBe(isLarge || steps.length >= 8);
        }
        expect(ready).toBeLessThanOrEqual(starts);
        const { saved, close } = openDataDir(dataDir);
        await close();
        for (const outbox of ["a", "b"]) {
          const text = expected.get(outbox);
          const path = join(outboxDirectory(dataDir, outbox), segmentName(1));
          expect(existsSync(path) ? readFileSync(path, "utf8") : undefined).toBe(text);
          expect(saved.ends.get(outbox)).toEqual(text === undefined ? undefined : { segment: 1, offset: text.length });
        }
      } finally {
        rmSync(dataDir, { recursive: true, force: true });
      }
    }),
    { numRuns: 15 },
  );
}, 60_000);
