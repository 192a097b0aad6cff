/**
 * The index of keys by itself: `node --conditions=weir-source bench/state-index.ts [KEYS]` prints the time of an addition and of a
 * look-up, the most that a hundred of them took, and the memory of each key, in CPU time: nothing depends on what else the machine does.
 */
import { fingerprint } from "../src/fingerprint.ts";
import { KeyHash } from "../src/runtime/state/index/key-hash.ts";
import { SpaceIndex } from "../src/runtime/state/index/space-index.ts";

const count = Number(process.argv[2] ?? 1_000_000);
const time = Date.UTC(2026, 0, 1);
const keyOf = (index: number): string => fingerprint(`term ${index}`);

/** Batches of keys, made before the clock runs. Returns nanoseconds of CPU for each, and the most that a hundred took, in milliseconds of CPU. */
const measured = (keys: (batch: number) => readonly string[], batches: number, use: (key: string) => void) => {
  let [cpu, longest] = [0, 0];
  for (let batch = 0; batch < batches; batch++) {
    const made = keys(batch);
    const before = process.cpuUsage();
    for (let from = 0; from < made.length; from += 100) {
      const start = process.threadCpuUsage();
      for (const key of made.slice(from, from + 100)) use(key);
      const { user, system } = process.threadCpuUsage(start);
      longest = Math.max(longest, (user + system) / 1000);
    }
    const { user, system } = process.cpuUsage(before);
    cpu += user + system;
  }
  return { cpu: (cpu * 1000) / (batches * size), longest };
};

const size = 50_000;
const list = (from: number, step = 1) =>
  Array.from({ length: size }, (_, index) => keyOf((from + index * step) % count));
const print = (what: string, { cpu, longest }: { cpu: number; longest: number }): void =>
  console.log(`${what.padEnd(24)} ${cpu.toFixed(0)} ns CPU, at most ${longest.toFixed(2)} ms for 100`);

for (const [kind, value] of [
  ["pairs", `[${time},${time}]`],
  ["other values", '["a term"]'],
] as const) {
  const budget = { limit: Number.POSITIVE_INFINITY, used: 0 };
  const index = new SpaceIndex("terms", new KeyHash(), budget);
  index.fill({ state: () => undefined, scanState: () => [], stateBytes: () => 0, expiringState: () => [] }, 1);
  print(
    `${kind}: add`,
    measured(
      (batch) => list(batch * size),
      Math.ceil(count / size),
      (key) => index.set(key, { value, expires: time + 1e9 }),
    ),
  );
  console.log(`${kind}: ${index.count} keys, ${(budget.used / index.count).toFixed(1)} B a key`);
  print(
    `${kind}: known`,
    measured(
      (batch) => list(batch * size * 7, 7919),
      4,
      (key) => index.get(key),
    ),
  );
  print(
    `${kind}: absent`,
    measured(
      (batch) => list(batch * size * 7, 7919).map((key) => `${key}x`),
      4,
      (key) => index.get(key),
    ),
  );
  print(
    `${kind}: change`,
    measured(
      (batch) => list(batch * size * 7, 7919),
      4,
      (key) => index.set(key, { value, expires: time + 1e9 }),
    ),
  );
  index.close();
}
