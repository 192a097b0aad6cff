import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type State, StateFull } from "weir";
import { memoryState } from "weir/testing";
import { Flight } from "../../src/runtime/flow/flight.ts";
import { StateStore } from "../../src/runtime/state/state-store.ts";
import type { StateReader } from "../../src/storage/reader.ts";
import { begin, commands } from "./commands.ts";
import { Host, type HostIndex } from "./host.ts";
import { Model } from "./model.ts";
import { compare, operation, perform } from "./operations.ts";

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0).reverse()) close();
});

const hostOf = (quotas: Readonly<Record<string, number>>, index?: HostIndex) => {
  const directory = mkdtempSync(join(tmpdir(), "weir-test-"));
  opened.push(() => rmSync(directory, { recursive: true, force: true }));
  return new Host(join(directory, "weir.db"), new Map(Object.entries(quotas)), index);
};

/** Filled in one page or several; with room for all keys, for a few, or for none. */
const indexes = fc.constantFrom<HostIndex>({}, { page: 1 }, { page: 3 }, { page: 2, limit: 8_000 }, { limit: 0 });

it("in memory behaves like a plain map", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60, size: "max" }), (operations) => {
      const [state, model] = [memoryState(), new Model()];
      for (const operation of operations) perform(operation, state, model);
      compare(state, model);
    }),
    { numRuns: process.env["WEIR_LONG"] ? 300 : 60 },
  );
});

it("of each component behaves like a plain map, through savepoints, ticks, commits, restarts and full quotas", () => {
  const quotas = { free: Number.POSITIVE_INFINITY, "free-small": 60, large: 200 };
  const runs = process.env["WEIR_LONG"] ? 800 : 30;
  fc.assert(
    fc.property(commands(Object.keys(quotas)), indexes, (commands, index) => {
      const running = { host: hostOf(quotas, index) };
      const models = new Map(Object.entries(quotas).map(([component, quota]) => [component, new Model(quota)]));
      try {
        fc.modelRun(() => ({ model: { quotas: running.host.quotas, ...begin(models) }, real: running }), commands);
      } finally {
        running.host.close();
        for (const close of opened.splice(0)) close();
      }
    }),
    { numRuns: runs },
  );
});

/** One event of a component that does something to its state. */
const within = (host: Host, component: string, event: (state: State) => void) => {
  const state = host.of(component);
  state.begin(host.flight(0));
  event(state.state);
  state.keep();
  state.end();
};

describe("outside an event or tick", () => {
  it.each([
    ["wrote state", (state: State) => state.set("k", "v")],
    ["wrote state", (state: State) => state.scope("inner").set("k", "v")],
    ["deleted state", (state: State) => state.delete("k")],
    ["swept state", (state: State) => state.sweep(1)],
    ["asked for a tick", (state: State) => state.wake(1)],
  ])("a component that %s gets an error, before its first event and after it", (what, write) => {
    const host = hostOf({ doors: 1000 });
    opened.push(() => host.close());
    const sentence = `"doors" ${what} outside an event or tick; change state only while handling one`;
    const { state } = host.of("doors");
    expect(() => write(state)).toThrow(sentence);
    within(host, "doors", (state) => state.set("k", "v"));
    expect(() => write(state)).toThrow(sentence);
    expect([state.get("k"), state.scan("")]).toEqual(["v", [["k", "v"]]]);
  });
});

describe.each([
  ["in memory", (use: (state: State) => void) => use(memoryState())],
  [
    "of a component",
    (use: (state: State) => void) => {
      const host = hostOf({ doors: Number.POSITIVE_INFINITY });
      opened.push(() => host.close());
      within(host, "doors", use);
    },
  ],
])("state %s", (_which, given) => {
  it("distinguishes an empty value from a missing one", () =>
    given((state) => {
      state.set("k", "");
      expect([state.get("k"), state.get("none")]).toEqual(["", undefined]);
    }));

  it.each<[string, (state: State) => unknown, string]>([
    ["a number for a value", (state) => state.set("k", 1 as never), "state keys and values must be strings; use JSON"],
    ["a number for a key", (state) => state.get(1 as never), "state keys and values must be strings; use JSON"],
    ["half a character in a key", (state) => state.set("\ud800", "v"), "a key of state is not well-formed Unicode"],
    ["half a character in a key to read", (state) => state.get("\ud800"), "a key of state is not well-formed Unicode"],
    [
      "half a character in a key to delete",
      (state) => state.delete("\ud800"),
      "a key of state is not well-formed Unicode",
    ],
    [
      "half a character in a value",
      (state) => state.set("k", "\udc00"),
      "a value of state is not well-formed Unicode; remove lone surrogates",
    ],
    [
      "half a character in a prefix",
      (state) => state.scan("a\ud800"),
      "a prefix of state is not well-formed Unicode; remove lone surrogates",
    ],
    [
      "half a character in a key to continue after",
      (state) => state.scan("", { after: "\ud800" }),
      "a key of state is not well-formed",
    ],
    ["a limit of 0", (state) => state.scan("", { limit: 0 }), "limit must be an integer from 1 to 1000, not 0"],
    [
      "a limit above the maximum",
      (state) => state.scan("", { limit: 1001 }),
      "limit must be an integer from 1 to 1000, not 1001",
    ],
    ["NaN as expires", (state) => state.set("k", "v", Number.NaN), "expires must be a number, not NaN"],
    ["NaN for sweep", (state) => state.sweep(Number.NaN), "sweep takes a number, not NaN"],
    ["Infinity for wake", (state) => state.wake(Number.POSITIVE_INFINITY), "wake takes a time in milliseconds"],
    ["a scope name with a slash", (state) => state.scope("a/b"), 'the scope name "a/b" is not valid'],
    ["an empty scope name", (state) => state.scope(""), 'the scope name "" is not valid; use at least one character'],
  ])("refuses %s", (_what, use, message) =>
    given((state) => {
      state.set("\ufffd", "kept");
      expect(() => use(state)).toThrow(message);
      expect(state.scan("")).toEqual([["\ufffd", "kept"]]);
    }),
  );
});

describe("a full state", () => {
  it("names its quota and the way out", () => {
    const host = hostOf({ doors: 10 });
    opened.push(() => host.close());
    within(host, "doors", (state) => {
      const set = () => state.set("k", "x".repeat(10));
      expect(set).toThrow(StateFull);
      expect(set).toThrow(/^the state of "doors" is full \(10 bytes\); .*state\.max_size/);
    });
  });

  it("has room again in the event that swept it, and loses it when that event is undone", () => {
    const host = hostOf({ doors: 10 });
    opened.push(() => host.close());
    within(host, "doors", (state) => state.set("old", "123456", 5));
    const state = host.of("doors");
    state.begin(host.flight(0));
    state.state.sweep(6);
    state.state.set("new", "1234567");
    state.undo();
    expect(() => state.state.set("new", "12")).toThrow(StateFull);
    expect(state.state.scan("")).toEqual([["old", "123456"]]);
    state.end();
  });

  it("counts its size once, whatever is swept, written and undone", () => {
    let counts = 0;
    const reader: StateReader = {
      state: () => undefined,
      scanState: () => [],
      expiringState: () => [],
      stateBytes: () => {
        counts++;
        return 10;
      },
    };
    const state = new StateStore({ reader, swept: new Map(), keepers: new Map() }).for("doors", 10);
    state.begin(new Flight(1, { checkpoint: undefined, bytes: 0, ingested: 0, settled: undefined }));
    for (let event = 0; event < 9; event++) {
      expect(() => state.state.set("k", "v")).toThrow(StateFull);
      if (event > 4) state.state.sweep(event);
      if (event % 3 === 0) state.keep();
      else state.undo();
    }
    expect(counts).toBe(1);
    state.end();
  });
});

it("a scan continues past any number of entries that were deleted since", () => {
  const host = hostOf({ queue: Number.POSITIVE_INFINITY });
  opened.push(() => host.close());
  const name = (n: number) => String(n).padStart(5, "0");
  within(host, "queue", (state) => {
    for (let n = 0; n < 5_000; n++) state.set(name(n), "v");
  });
  host.write(1);
  host.answer();
  within(host, "queue", (state) => {
    for (let n = 0; n < 4_999; n++) state.delete(name(n));
    expect(state.scan("", { limit: 1 })).toEqual([["04999", "v"]]);
  });
});
