import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { openDataDir } from "../runtime/data-dir.ts";
import { noChanges } from "./database.ts";
import { lazyWriter } from "./lazy-writer.ts";
import { outboxDirectory, segmentName } from "./segments.ts";

/** Commits to two outboxes, or one of them, of so many bytes, or forgets the first; one with much to append or to change starts the thread. */
const step = fc.oneof(
  {
    arbitrary: fc.record({
      outboxes: fc.constantFrom(["a"], ["b"], ["a", "b"]),
      bytes: fc.integer({ min: 1, max: 50 }),
    }),
    weight: 8,
  },
  { arbitrary: fc.constant({ outboxes: ["b"], bytes: 100_000 }), weight: 1 },
  { arbitrary: fc.constant({ outboxes: ["a", "b"], bytes: 7, changes: 300 }), weight: 1 },
  { arbitrary: fc.constant("forget" as const), weight: 1 },
);

interface Step {
  readonly outboxes: readonly string[];
  readonly bytes: number;
  readonly changes?: number;
}

const stateOf = (changes: number) =>
  Array.from({ length: changes }, (_, n) => ({ component: "c", key: `${n}`, value: "", expires: undefined }));

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
            const { outboxes, bytes, changes = 0 }: Step = each;
            const appends = outboxes.map((outbox, index) => {
              const text = String.fromCharCode(97 + ((bytes + index) % 26)).repeat(bytes);
              expected.set(outbox, (expected.get(outbox) ?? "") + text);
              const room = writer.room(bytes);
              room.set(Buffer.from(text));
              return { outbox, bytes: room };
            });
            const ends = outboxes.map((outbox) => ({
              outbox,
              end: { segment: 1, offset: expected.get(outbox)!.length },
            }));
            expect(await writer.commit({ ...noChanges, state: stateOf(changes), appends })).toEqual({ ok: true, ends });
          }
          await close();
          const isLarge = steps.some((each) => each !== "forget" && (each.bytes > 50 || "changes" in each));
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
