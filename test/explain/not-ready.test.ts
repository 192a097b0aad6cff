import { expect, it } from "vitest";
import { explainPipeline } from "../../src/explain/explain.ts";
import { defineTransform } from "../../src/plugin.ts";
import { topologyOf } from "../../src/topology/topology.ts";

const waiting = (prepare: () => Promise<void>) =>
  defineTransform({
    name: "waiting",
    summary: "Waits for something before the first event.",
    options: {},
    keep: () => ({ event: (event) => event, prepare }),
  });

const explained = (prepare: () => Promise<void>) => {
  const plugin = waiting(prepare);
  const host = { outputs: [], dropOutputs: [], maxState: 1_000_000 };
  const topology = topologyOf([{ id: "wait", kind: "transform", plugin, config: {}, host, inputs: [] }]);
  const request = { into: "wait", input: { events: [{ a: 1 }] }, at: 0, advance: 0 };
  return explainPipeline(topology, request, new Set());
};

it("a transform gets its first event when it is ready", async () => {
  let isReady = false;
  const { stories, failure } = await explained(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    isReady = true;
  });
  expect({ isReady, failure, stories: stories.length }).toEqual({ isReady: true, failure: undefined, stories: 1 });
});

it("one that does not become ready is told", async () => {
  const { stories, failure } = await explained(() => new Promise(() => undefined));
  expect(stories).toEqual([]);
  expect(failure).toContain('"wait" did not get what it needs before the first event');
}, 30_000);
