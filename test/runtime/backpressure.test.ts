import { describe, expect, it } from "vitest";
import { defineSource, type Offer, type Reading } from "weir";
import { type MakeWriter, writerOver } from "../../src/runtime/data-dir.ts";
import { turn } from "../../src/testing/index.ts";
import { keeping, lines, numbers, startRun, temporaryDir, topology, unbalancedComponents, until } from "./harness.ts";

/** A gate that holds back the answers of commits until it is opened. */
const heldWriter = () => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const makeWriter: MakeWriter = (options) => {
    const writer = writerOver()(options);
    return {
      ...writer,
      async commit(request) {
        const answer = await writer.commit(request);
        await opened;
        return answer;
      },
    };
  };
  return { makeWriter, open };
};

/** Waits until the count has not changed for many turns of the event loop. */
const standstill = async (count: () => number): Promise<number> => {
  let still = 0;
  let last = count();
  await until(
    () => still > 200,
    () => {
      still = count() === last ? still + 1 : 0;
      last = count();
    },
  );
  return last;
};

describe("backpressure", () => {
  it("pulls a source only up to the budget while commits wait", async () => {
    let pulled = 0;
    const { makeWriter, open } = heldWriter();
    const { kept, plugin } = keeping();
    const source = lines(numbers(100_000), { perReading: 1, onReading: () => pulled++ });
    const plan = topology({ in: [source], out: [plugin, ["in"]] });
    const { runtime } = await startRun(plan, temporaryDir(), { makeWriter, budget: 10_000 });
    const before = await standstill(() => pulled);
    expect(before).toBeGreaterThan(10);
    expect(before).toBeLessThan(1000);
    expect(kept).toEqual([]);
    open();
    await until(() => kept.length > 2 * before);
    await runtime.stop(1000);
  });

  it("of a full outbox pauses only the sources of its own group, and ends when there is room", async () => {
    let isOpen = false;
    let pulled = 0;
    const slow = keeping(() => until(() => isOpen));
    const other = keeping();
    const plan = topology({
      in: [lines(numbers(3000), { onReading: (count) => (pulled += count) })],
      slow: [slow.plugin, ["in"], 2000],
      beside: [lines(numbers(3000))],
      other: [other.plugin, ["beside"]],
    });
    const { runtime, log } = await startRun(plan, temporaryDir(), { budget: 5000 });
    await until(() => other.kept.length === 3000);
    const before = await standstill(() => pulled);
    expect(before).toBeLessThan(500);
    expect(slow.kept).toEqual([]);
    expect(runtime.stats().outbox_bytes["slow"]).toBeLessThanOrEqual(2000);
    expect(log.filter((line) => line.startsWith("slow warn the outbox is full"))).toHaveLength(1);
    isOpen = true;
    expect(await runtime.ended).toEqual({ how: "finished" });
    expect(slow.kept.map(({ data }) => data["n"])).toEqual(numbers(3000).map(({ n }) => n));
    expect(unbalancedComponents(runtime.stats())).toEqual({});
  });
});

describe("a source that offers", () => {
  const server = () => {
    const answers: Offer[] = [];
    const outcomes: string[] = [];
    let offer: (reading: Reading) => Offer = () => "full";
    const plugin = defineSource({
      name: "server",
      summary: "Offers what a test gives it.",
      options: {},
      decoding: { codec: "json", framing: "whole" },
      async listen({ signal }, given) {
        offer = given;
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      },
    });
    const request = (n: number) => {
      const reading: Reading = {
        stream: `request-${n}`,
        position: 0,
        bytes: Buffer.from(JSON.stringify({ n, padding: "x".repeat(400) })),
        end: true,
        forget: true,
        settled: (outcome) => void outcomes.push(`${n} ${outcome}`),
      };
      answers.push(offer(reading));
      return answers.at(-1);
    };
    return { plugin, request, outcomes };
  };

  it("is refused at once when there is no room, and notified of accepted readings after their commit", async () => {
    const { plugin, request, outcomes } = server();
    const { makeWriter, open } = heldWriter();
    const sink = keeping();
    const plan = topology({ in: [plugin], out: [sink.plugin, ["in"]] });
    const { runtime } = await startRun(plan, temporaryDir(), { makeWriter, budget: 4000 });
    let taken = 0;
    while (request(taken) === "accepted") taken++;
    expect(taken).toBeGreaterThan(2);
    expect(taken).toBeLessThan(10);
    for (let count = 0; count < 50; count++) await turn();
    expect([outcomes, sink.kept]).toEqual([[], []]);
    open();
    await until(() => sink.kept.length === taken);
    expect(outcomes).toEqual(Array.from({ length: taken }, (_, n) => `${n} committed`));
    expect(request(taken)).toBe("accepted");
    await runtime.stop(1000);
    expect(request(99)).toBe("full");
    expect(outcomes).toHaveLength(taken + 1);
  });

  it("is notified once that its readings are abandoned, when the run fails", async () => {
    const { plugin, request, outcomes } = server();
    const { plugin: sink } = keeping();
    const dead: MakeWriter = (options) => ({
      ...writerOver()(options),
      commit: async () => ({ ok: false, retry: false, code: "EIO", message: "planted" }),
    });
    const plan = topology({ in: [plugin], out: [sink, ["in"]] });
    const { runtime } = await startRun(plan, temporaryDir(), { makeWriter: dead });
    for (let n = 0; n < 3; n++) expect(request(n)).toBe("accepted");
    expect(await runtime.ended).toMatchObject({ how: "failed", component: "weir" });
    expect(outcomes).toEqual(["0 abandoned", "1 abandoned", "2 abandoned"]);
    expect(request(3)).toBe("full");
  });
});
