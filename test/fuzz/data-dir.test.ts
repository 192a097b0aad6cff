import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { keeping, lines, numbers, startRun, temporaryDir, topology, until } from "../runtime/harness.ts";
import { budget, mutated } from "./mutation.ts";

const count = 40;

/** The data dir of a run whose receiver is down, as a kill leaves it: each event waits, or is a dead letter. */
const waiting = async (): Promise<string> => {
  const dataDir = temporaryDir();
  let committed = 0;
  const records = numbers(count);
  const settled = (_outcome: string, end: number) => {
    committed = end;
  };
  const down = () => {
    throw new Error("the receiver is down");
  };
  const plan = topology({ in: [lines(records, { follow: true, settled })], out: [keeping(down).plugin, ["in"]] });
  const { runtime } = await startRun(plan, dataDir);
  const all = records.reduce((bytes, record) => bytes + JSON.stringify(record).length + 1, 0);
  await until(() => committed === all);
  const copy = copyOf(dataDir);
  await runtime.stop(0);
  return copy;
};

const copyOf = (dataDir: string): string => {
  const copy = join(temporaryDir(), "data");
  cpSync(dataDir, copy, { recursive: true, filter: (path) => !/-shm$|lock\.db|control\.sock/.test(path) });
  return copy;
};

/** A loss is found by the number in `last-commit`: if that is damaged as well, a loss can go unnoticed, as is documented. */
const evidence = "last-commit";

const filesOf = (dataDir: string): string[] =>
  readdirSync(dataDir, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(dataDir, name)).isFile() && name !== "reserve")
    .sort();

/** A sentence about a file or a component, not an error of the program. */
const expectSentence = (message: string) => {
  expect(message).toMatch(/^.{10,}/);
  expect(message).not.toMatch(/undefined|\[object|is not a function|Cannot read|Maximum call stack|\n {4}at /);
};

interface Damage {
  readonly file: number;
  readonly how: "mutate" | "remove" | "empty" | "garbage" | "zeros" | "swap";
  readonly at: number;
  readonly size: number;
}

const damage: fc.Arbitrary<Damage> = fc.record({
  file: fc.nat(),
  how: fc.constantFrom("mutate", "mutate", "mutate", "remove", "empty", "garbage", "zeros", "swap"),
  at: fc.nat(),
  size: fc.nat({ max: 5_000 }),
});

const spoil = (
  dataDir: string,
  { file, how, at, size }: Damage,
  { mutate, spares }: { readonly mutate: (bytes: Buffer) => Buffer; readonly spares: boolean },
): void => {
  const names = filesOf(dataDir).filter((name) => !(spares && name === evidence));
  const path = join(dataDir, names[file % names.length]!);
  const bytes = readFileSync(path);
  const start = at % (bytes.length + 1);
  const end = Math.min(bytes.length, start + size);
  if (how === "remove") rmSync(path);
  else if (how === "empty") writeFileSync(path, "");
  else if (how === "swap") writeFileSync(path, readFileSync(join(dataDir, names[at % names.length]!)));
  else if (how === "mutate") writeFileSync(path, mutate(bytes));
  else writeFileSync(path, bytes.fill(how === "zeros" ? 0 : 0xa5, start, end));
};

/** Starts on a data dir with a receiver that works; what arrives, and what was said. */
const start = async (dataDir: string, recover: boolean) => {
  const { kept, plugin } = keeping();
  const plan = topology({ in: [lines([])], out: [plugin, ["in"]] });
  try {
    const { runtime, log, data } = await startRun(plan, dataDir, { recover });
    // It tries a commit again for as long as the database cannot be written, and says so.
    const isStuck = () => log.filter((line) => line.includes("a commit failed")).length > 2;
    let ended: Awaited<typeof runtime.ended> | undefined;
    void runtime.ended.then((how) => {
      ended = how;
    });
    await until(() => ended !== undefined || isStuck());
    if (!ended) await runtime.stop(10);
    const said = [...data.repairs, ...log.filter((line) => / (warn|error) /.test(line))];
    const letters = runtime.stats().components["out"]!.component_dead_letter_events_total;
    if (Object.keys(letters).length > 0) said.push(JSON.stringify(letters));
    if (ended?.how === "failed") said.push(JSON.stringify(ended));
    return { events: new Set(kept.map(({ data }) => data["n"])), said };
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw error;
    return { refused: (error as Error).message };
  }
};

it("a data dir that is damaged anywhere is refused with a sentence, or what is missing is told", async () => {
  const whole = await waiting();
  const tally: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(
      fc.array(damage, { minLength: 1, maxLength: 2 }),
      fc.infiniteStream(fc.nat()),
      async (all, random) => {
        const dataDir = copyOf(whole);
        const mutate = (bytes: Buffer) => {
          const [draw] = fc.sample(mutated([bytes]), { numRuns: 1, seed: random.next().value });
          return draw!;
        };
        for (const one of all) spoil(dataDir, one, { mutate, spares: all.length > 1 });
        for (const recover of [false, true]) {
          const result = await start(dataDir, recover);
          if ("refused" in result) {
            expectSentence(result.refused!);
            const words = result.refused!.replaceAll(dataDir, "").replace(/\d+/g, "N");
            tally[words] = (tally[words] ?? 0) + 1;
            continue;
          }
          for (const line of result.said) expectSentence(line);
          // Nothing is invented, and nothing vanishes in silence.
          for (const n of result.events) expect(n).toBeLessThan(count);
          if (result.events.size < count)
            expect({ missing: count - result.events.size, said: result.said.length > 0 }).toMatchObject({ said: true });
          const key = `${result.events.size === count ? "all" : "some"} events, ${result.said.length > 0 ? "told" : "silent"}`;
          tally[key] = (tally[key] ?? 0) + 1;
          break;
        }
        rmSync(dataDir, { recursive: true, force: true });
      },
    ),
    { ...budget(60, 40_000), endOnFailure: true },
  );
  console.log(tally);
}, 300_000);
