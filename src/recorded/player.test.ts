import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import type { BacktestRequest } from "../backtest/backtest.ts";
import { backtest } from "../backtest/backtest.ts";
import { defineSource, defineTransform, type Plugin } from "../plugin.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { defaultCalling, topologyOf } from "../topology/topology.ts";

const folder = temporaryFolder("weir-player-test-");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = Date.UTC(2026, 0, 1);
const minute = 60_000;

const nothing = defineSource({ name: "nothing", summary: "Nothing.", options: {}, async *read() {} });

/** Plays events at these minutes into transforms in a row. */
const played = (minutes: readonly number[], plugins: readonly Extract<Plugin, { kind: "transform" }>[]) => {
  const file = join(folder, "events.log");
  writeFileSync(file, minutes.map((at) => `{"time":${start + at * minute},"at":${at}}\n`).join(""));
  const host = {
    codec: "json",
    framing: "newline",
    maxLine: 1024,
    splitItems: "auto",
    encoding: "utf-8",
    invalidText: "replace",
  } as const;
  const topology = topologyOf([
    { id: "log", kind: "source", plugin: nothing, config: {}, host, inputs: [] },
    ...plugins.map((plugin, index) => ({
      id: plugin.name,
      kind: "transform" as const,
      plugin,
      config: {},
      host: { outputs: [], dropOutputs: [], calling: defaultCalling(), maxState: 1e6 },
      inputs: [plugins[index - 1]?.name ?? "log"],
    })),
  ]);
  const request: BacktestRequest = {
    source: "log",
    files: [file],
    detecting: [],
    isChosen: () => true,
    time: undefined,
    since: undefined,
    until: undefined,
  };
  return backtest(topology, request, new Set());
};

describe("the player", () => {
  it("lets each tick come at its time, between the events", async () => {
    const seen: string[] = [];
    const told = (what: string, now: number) => seen.push(`${what} ${(now - start) / minute}`);
    const alarm = defineTransform({
      name: "alarm",
      summary: "Asks for a tick five minutes after each event.",
      options: {},
      keep: ({ state }) => ({
        event: (event) => {
          told("event", event.meta.ingested);
          state.wake(event.meta.ingested + 5 * minute);
          return "seen";
        },
        tick: ({ now }) => {
          told("tick", now);
          state.set(String(now), "");
        },
      }),
    });
    const result = await played([0, 1, 7, 7, 6, 20], [alarm]);
    expect(result.failure).toBeUndefined();
    // One that is late comes at the time of the one before it. Nothing comes after the last minute.
    expect(seen).toEqual(["event 0", "event 1", "tick 5", "event 7", "event 7", "event 7", "tick 12", "event 20"]);
    expect(result.times).toMatchObject({ late: 1, latest: minute });
  });

  it("lets time stand still while calls are under way", async () => {
    const times: number[] = [];
    const asking = defineTransform({
      name: "asking",
      summary: "Asks somebody.",
      options: {},
      async: true,
      each: () => async (event) => {
        await sleep(2);
        return event;
      },
    });
    const noting = defineTransform({
      name: "noting",
      summary: "Notes the clock.",
      options: {},
      keep:
        ({ clock }) =>
        (event) => {
          times.push((clock.now() - start) / minute - Number(event.data["at"]));
          return "seen";
        },
    });
    const minutes = Array.from({ length: 30 }, (_, index) => index * 7);
    const result = await played(minutes, [asking, noting]);
    expect(result.failure).toBeUndefined();
    expect(times).toEqual(minutes.map(() => 0));
  });

  it("ends when a component fails, also in a tick", async () => {
    const failing = defineTransform({
      name: "failing",
      summary: "Fails.",
      options: {},
      keep: ({ state }) => ({
        event: (event) => {
          state.wake(event.meta.ingested + minute);
          return "seen";
        },
        tick: () => {
          throw new Error("the bell is broken");
        },
      }),
    });
    const result = await played([0, 10, 20], [failing]);
    expect(result.failure).toContain('"failing" failed: ');
    expect(result.failure).toContain("the bell is broken");
  });
});
