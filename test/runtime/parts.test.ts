import { expect, it } from "vitest";
import { defineSource } from "weir";
import { openStopped } from "../../src/control/stopped.ts";
import type { Part } from "../../src/plugin.ts";
import { keeping, startRun, temporaryDir, topology, until } from "./harness.ts";

/** A source of parts at these positions, which continues after the last one that is committed. */
const parted = (texts: ReadonlyMap<number, string>) =>
  defineSource({
    name: "parted",
    summary: "Reads given parts.",
    options: {},
    decoding: { codec: "json", framing: "newline" },
    async *read({ checkpoints, signal }) {
      const from = checkpoints.get("s")?.position ?? 0;
      for (const some of Object.values(Object.groupBy(texts, ([at]) => Math.floor(at / 10)))) {
        const parts = some!
          .filter(([at]) => at >= from)
          .map(
            ([position, text]): Part => ({ position, bytes: Buffer.from(text), origin: { queue: { at: position } } }),
          );
        const position = some!.at(-1)![0] + 1;
        if (parts.length > 0)
          yield { stream: "s", position, bytes: new Uint8Array(0), parts, detail: { at: position } };
      }
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    },
  });

it("reads parts each by itself, with ids and fields of their own, and continues after the last one", async () => {
  const found: unknown[] = [];
  const { plugin } = keeping(
    (events) => void found.push(...events.map(({ id, data, meta }) => [id, data, meta.origin])),
  );
  const dataDir = temporaryDir();
  const texts = new Map([
    [3, '{"a":1}\n{"a":2}'],
    [4, '{"a":3}\n'],
    [7, "no JSON"],
    [8, ""],
    [15, '{"a":4}'],
  ]);
  const run = async (wanted: number) => {
    const { runtime } = await startRun(topology({ in: [parted(texts)], out: [plugin, ["in"]] }), dataDir);
    await until(() => found.length >= wanted);
    await runtime.stop(5000);
  };
  await run(4);
  texts.set(21, '{"a":5}');
  await run(5);
  expect(found).toEqual([
    ["in/s/3@0", { a: 1 }, { queue: { at: 3 } }],
    ["in/s/3@8", { a: 2 }, { queue: { at: 3 } }],
    ["in/s/4@0", { a: 3 }, { queue: { at: 4 } }],
    ["in/s/15@0", { a: 4 }, { queue: { at: 15 } }],
    ["in/s/21@0", { a: 5 }, { queue: { at: 21 } }],
  ]);
  const stopped = openStopped(dataDir);
  const letters: unknown[] = [];
  for await (const { head } of stopped.letters({})) letters.push([head.id, head.reason]);
  stopped.close();
  expect(letters).toEqual([["in/s/7@0", "not_json"]]);
});
