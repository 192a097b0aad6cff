import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeadLetter } from "../runtime/dead-letters/letter-files.ts";
import { isSelected, type Selector } from "../runtime/dead-letters/selector.ts";
import { lockDataDir } from "../storage/lock.ts";
import { temporaryDataDir, writeLetters } from "../testing/letters.ts";
import { openStopped } from "./stopped.ts";

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const taken: T[] = [];
  for await (const item of items) taken.push(item);
  return taken;
};

const segmentsOf = (dataDir: string) => readdirSync(join(dataDir, "outboxes/dead_letter"));

describe("the dead letters of a stopped weir", () => {
  const components = ["in", "parse", "out"];
  const reasons = ["not_json", "refused_by_sink"];
  const selector = fc.record(
    { component: fc.constantFrom(...components), reason: fc.constantFrom(...reasons) },
    { requiredKeys: [] },
  );
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        write: fc.array(fc.tuple(fc.constantFrom(...components), fc.constantFrom(...reasons)), { maxLength: 12 }),
      }),
    },
    fc.record({ purge: selector }),
    fc.record({ purgeSome: fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }) }),
    fc.record({ replay: selector }),
  );

  it("are the same as in a model, after every step", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const dataDir = temporaryDataDir();
        await writeLetters(dataDir, []);
        let [written, model] = [0, [] as { number: number; component: string; reason: string; marked: boolean }[]];
        for (const now of steps) {
          if ("write" in now) {
            const letters = now.write.map(([component, reason]) => ({
              number: written++,
              component,
              reason,
              marked: false,
            }));
            await writeLetters(
              dataDir,
              letters.map(({ number, component, reason }) => ({ component, reason, data: { number } })),
              900,
            );
            model.push(...letters);
          }
          const stopped = openStopped(dataDir);
          const isIn = (selected: Selector) => (entry: (typeof model)[number]) =>
            isSelected({ id: "", head: entry } as unknown as DeadLetter, selected);
          if ("purge" in now) {
            const { purged } = await stopped.purge(now.purge);
            expect(purged).toBe(model.filter(isIn(now.purge)).length);
            model = model.filter((entry) => !isIn(now.purge)(entry));
          } else if ("purgeSome" in now) {
            const found = await all(stopped.letters({}));
            const chosen = new Set(now.purgeSome.map((index) => found[index]).filter((letter) => letter !== undefined));
            const ids = [...chosen].map(({ id }) => id);
            expect(await stopped.purge({ ids: [...ids, "0-0"] })).toMatchObject({
              purged: ids.length,
              unknown: ["0-0"],
            });
            model = model.filter((_, index) => !now.purgeSome.includes(index));
          } else if ("replay" in now) {
            expect(await stopped.replay(now.replay)).toMatchObject({
              replayed: 0,
              marked: model.filter(isIn(now.replay)).length,
            });
            model = model.map((entry) => (isIn(now.replay)(entry) ? { ...entry, marked: true } : entry));
          }
          const found = await all(stopped.letters({}));
          expect(
            found.map(({ data, head, marked }) => ({
              ...JSON.parse(data),
              component: head.component,
              reason: head.reason,
              marked,
            })),
          ).toEqual(model);
          const bytes = found.reduce((total, { size }) => total + size, 0);
          const { outboxes } = (await stopped.status()) as Extract<
            Awaited<ReturnType<typeof stopped.status>>,
            { phase: "stopped" }
          >;
          if (written > 0) expect(outboxes).toMatchObject([{ name: "dead_letter", bytes, events: model.length }]);
          stopped.close();
          // What was purged is not kept on disk.
          const left = new Set(found.map(({ segment }) => segment));
          if (written > 0) expect(segmentsOf(dataDir).length).toBeLessThanOrEqual(left.size + 1);
        }
      }),
      { numRuns: process.env["WEIR_LONG"] ? 300 : 25 },
    );
  });

  it("needs a data dir that no weir runs on", async () => {
    const dataDir = temporaryDataDir();
    expect(() => openStopped(dataDir)).toThrow(`"${dataDir}" is not a data dir: it has no weir.db.`);
    expect(readdirSync(dataDir)).toEqual([]);
    await writeLetters(dataDir, [{}]);
    const lock = lockDataDir(dataDir);
    expect(() => openStopped(dataDir)).toThrow(/is in use by another weir/);
    lock.release();
    openStopped(dataDir).close();
  });
});
