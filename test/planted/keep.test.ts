import { describe, expect, it } from "vitest";
import { type Event, RejectError, type State, StateFull, withData } from "weir";
import { turn } from "../../src/testing/index.ts";
import type { KeepTools, KeepTransform } from "../../src/transform/transform.ts";
import { keepOf, numbers } from "../runtime/harness.ts";
import {
  all,
  buildErrorOf,
  deadLetters,
  expectBalance,
  isDataChecked,
  type Planting,
  replayed,
  runPlanted,
  values,
} from "./faults.ts";

type None = Record<string, never>;
type Keep = KeepTransform<None>["keep"];

const raise = (error: unknown): never => {
  throw error;
};

const key = ({ data }: Event): string => `user/${data["n"]}`;

/** Lets an event through when its user was not seen before, as a detection of new terms does. */
const firstSeen =
  (after: (event: Event, state: State, tools: KeepTools) => unknown): Keep =>
  ({ state }) =>
  (event, tools) => {
    if (state.get(key(event)) !== undefined) return "known";
    state.set(key(event), "seen");
    return after(event, state, tools) as Event;
  };

const alerting = keepOf(firstSeen((event) => event));

/**
 * Twenty users are seen for the first time, and something goes wrong with each after it was written down: all are dead
 * letters, and after mending every one of them is an alert, as nothing was remembered of the failed ones.
 */
const missedBy = async (keep: Keep, planting: Planting = {}) => {
  const run = await runPlanted(keepOf(keep), { records: numbers(20), ...planting });
  expect(await run.runtime.ended).toEqual({ how: "finished" });
  expect(run.kept).toEqual([]);
  expectBalance(run);
  const letters = deadLetters(run.dataDir);
  expect(values(letters)).toEqual(all(20));
  expect(new Set(letters.map(({ head }) => head["component"]))).toEqual(new Set(["t"]));
  expect(values(await replayed(run.dataDir, alerting))).toEqual(all(20));
  const { reason, message } = letters[0]!.head as { readonly reason: string; readonly message: string };
  return { reason, message };
};

describe("twenty first-seen users (all alerts were missed before): nothing is remembered of an event whose step", () => {
  const faults: Readonly<
    Record<string, readonly [after: Parameters<typeof firstSeen>[0], reason: string, message: string]>
  > = {
    "throws after it wrote": [() => raise(new Error("no such rule")), "transform_error", "no such rule"],
    "throws a string after it wrote": [() => raise("no such rule"), "transform_error", "no such rule"],
    "rejects by throwing": [() => raise(new RejectError("odd_one", "not for us")), "odd_one", "not for us"],
    "rejects in its result": [
      (event) => ({ rejected: [{ event, reason: "odd_one", message: "not for us" }] }),
      "odd_one",
      "not for us",
    ],
    "rejects without a reason": [
      (event) => ({ rejected: [{ event, message: "not for us" }] }),
      "wrong_outcome",
      'the transform gave nothing as a reason; return a word such as "filtered"',
    ],
    "returns nothing": [
      () => undefined,
      "wrong_outcome",
      'the transform returned nothing; return an event, a list of events, or a reason such as "filtered"',
    ],
    "returns a promise": [
      async () => raise(new Error("nobody hears it")),
      "transform_error",
      "the transform returned a promise; keep must be synchronous: make asynchronous calls in each",
    ],
    "sends data that JSON cannot represent": [
      (event) => withData(event, { ...event.data, at: 5n as never }),
      "wrong_outcome",
      'the transform returned an event that is not JSON: the value at "at" is a BigInt, which JSON does not have',
    ],
    "deletes, then throws": [
      (event, state) => {
        state.delete(key(event));
        state.set("other", "x");
        return raise(new Error("no such rule"));
      },
      "transform_error",
      "no such rule",
    ],
    "sweeps, then throws": [
      (_event, state) => {
        state.sweep(1e15);
        return raise(new Error("no such rule"));
      },
      "transform_error",
      "no such rule",
    ],
    "writes to a scope, then throws": [
      (event, state) => {
        state.scope("rule").set(key(event), "seen");
        return raise(new Error("no such rule"));
      },
      "transform_error",
      "no such rule",
    ],
    "emits, then throws": [
      (event, _state, { emit }) => {
        emit({ id: key(event), data: { n: 1000 } });
        return raise(new Error("no such rule"));
      },
      "transform_error",
      "no such rule",
    ],
    "emits without an id": [
      (event, _state, { emit }) => {
        emit({ id: "", data: { n: 1000 } });
        return event;
      },
      "transform_error",
      'emit got no "id"; it takes a non-empty string that identifies the event',
    ],
    "emits to an output that it does not declare": [
      (event, _state, { emit }) => {
        emit({ id: "x", to: "windows", data: { n: 1000 } });
        return event;
      },
      "transform_error",
      'emit got the output "windows", which "outputs" does not declare',
    ],
    "emits nothing": [
      (event, _state, { emit }) => {
        emit(undefined as never);
        return event;
      },
      "transform_error",
      'emit got nothing; it takes an object with "id" and "data"',
    ],
    "emits no data": [
      (event, _state, { emit }) => {
        emit({ id: "x" } as never);
        return event;
      },
      "transform_error",
      'emit got nothing as "data"; it takes an object',
    ],
    "writes a value that is not a string": [
      (event, state) => {
        state.set(key(event), 5 as never);
        return event;
      },
      "transform_error",
      "state keys and values must be strings; use JSON.stringify for other values",
    ],
    "asks for a tick at an invalid time": [
      (event, state) => {
        state.wake(Number.NaN);
        return event;
      },
      "transform_error",
      "wake takes a time in milliseconds since 1970, not NaN",
    ],
    "scans with too high a limit": [
      (event, state) => {
        state.scan("user/", { limit: 100_000 });
        return event;
      },
      "transform_error",
      "limit must be an integer from 1 to 1000, not 100000",
    ],
    "writes an invalid expiry": [
      (event, state) => {
        state.set(key(event), "seen", Number.NaN);
        return event;
      },
      "transform_error",
      "expires must be a number, not NaN",
    ],
  };
  for (const [fault, [after, reason, message]] of Object.entries(faults))
    it(fault, async () => {
      expect(await missedBy(firstSeen(after))).toEqual({ reason, message });
    });

  it("writes beyond the quota", async () => {
    const big = "x".repeat(1000);
    const { reason, message } = await missedBy(
      firstSeen((event, state) => {
        state.set(`big/${event.data["n"]}`, big);
        return event;
      }),
      { host: { maxState: 500 } },
    );
    expect(reason).toBe("state_full");
    expect(message).toBe('the state of "t" is full (500 bytes); raise its quota, state.max_size, or store less');
  });
});

it("writes before a failed one are kept, and later events see them", async () => {
  const run = await runPlanted(
    keepOf(({ state }) => (event) => {
      const n = Number(event.data["n"]);
      const seen = [...(JSON.parse(state.get("seen") ?? "[]") as number[]), n];
      state.set("seen", JSON.stringify(seen));
      if (n % 3 === 1) throw new Error("every third");
      return withData(event, { n, seen });
    }),
    { records: numbers(20) },
  );
  expect(await run.runtime.ended).toEqual({ how: "finished" });
  const good = all(20).filter((n) => n % 3 !== 1);
  expect(run.kept.at(-1)!.data["seen"]).toEqual(good);
  expect(values(deadLetters(run.dataDir))).toEqual(all(20).filter((n) => n % 3 === 1));
});

it("a step that catches a full state continues without it", async () => {
  const run = await runPlanted(
    keepOf(({ state }) => (event) => {
      try {
        state.set(key(event), "seen");
      } catch (error) {
        expect(error).toBeInstanceOf(StateFull);
        return withData(event, { ...event.data, history: "full" });
      }
      return event;
    }),
    { records: numbers(20), host: { maxState: 60 } },
  );
  expect(await run.runtime.ended).toEqual({ how: "finished" });
  expect(values(run.kept)).toEqual(all(20));
  const full = run.kept.filter(({ data }) => data["history"] === "full");
  expect(full.length).toBeGreaterThan(10);
  expect(full.length).toBeLessThan(20);
  expectBalance(run);
});

describe("state outside an event", () => {
  const outside: Readonly<Record<string, readonly [write: (state: State) => void, says: string]>> = {
    set: [(state) => state.set("a", "b"), "wrote state"],
    delete: [(state) => state.delete("a"), "deleted state"],
    sweep: [(state) => state.sweep(5), "swept state"],
    wake: [(state) => state.wake(5), "asked for a tick"],
    "set in a scope": [(state) => state.scope("s").set("a", "b"), "wrote state"],
  };
  for (const [name, [write, says]] of Object.entries(outside)) {
    it(`${name}: a step that uses it while it is built cannot be built`, async () => {
      const keep: Keep = ({ state }) => {
        write(state);
        return (event) => event;
      };
      expect(await buildErrorOf(keepOf(keep))).toBe(
        `"t" could not be built: "t" ${says} outside an event or tick; change state only while handling one`,
      );
    });

    it(`${name}: throws after the event is over, and writes nothing`, async () => {
      const errors: string[] = [];
      const run = await runPlanted(
        keepOf(({ state }) => (event) => {
          setImmediate(() => {
            try {
              write(state);
            } catch (error) {
              errors.push((error as Error).message);
            }
          });
          return event;
        }),
        { records: numbers(7) },
      );
      expect(await run.runtime.ended).toEqual({ how: "finished" });
      await turn();
      expect(errors).toEqual(
        all(7).map(() => `"t" ${says} outside an event or tick; change state only while handling one`),
      );
      expect(values(run.kept)).toEqual(all(7));
    });
  }

  it("emit: throws after the event is over, and loses nothing silently", async () => {
    const errors: string[] = [];
    const run = await runPlanted(
      keepOf(() => (event, { emit }) => {
        setImmediate(() => {
          try {
            emit({ id: "late", data: { n: 1000 } });
          } catch (error) {
            errors.push((error as Error).message);
          }
        });
        return event;
      }),
      { records: numbers(7) },
    );
    expect(await run.runtime.ended).toEqual({ how: "finished" });
    await turn();
    expect(errors).toEqual(
      all(7).map(() => '"t" called emit outside an event or tick; call it only while handling one'),
    );
    expect(values(run.kept)).toEqual(all(7));
  });
});

it("a step that wakes and then throws gets no tick", async () => {
  let ticks = 0;
  const run = await runPlanted(
    keepOf(({ state }) => ({
      event: () => {
        state.wake(0);
        return raise(new Error("no such rule"));
      },
      tick: () => {
        ticks++;
      },
    })),
    { records: numbers(7) },
  );
  expect(await run.runtime.ended).toEqual({ how: "finished" });
  expect(ticks).toBe(0);
  expect(values(deadLetters(run.dataDir))).toEqual(all(7));
});

it("a rejected part beside sent events undoes nothing", async () => {
  const run = await runPlanted(
    keepOf(
      firstSeen((event) => ({
        events: [event],
        rejected: [
          { event: withData(event, { part: 1 }, `${event.meta.id}/1`), reason: "odd_part", message: "It is odd." },
        ],
      })),
    ),
    { records: [...numbers(7), ...numbers(7)] },
  );
  expect(await run.runtime.ended).toEqual({ how: "finished" });
  expect(values(run.kept)).toEqual(all(7));
  expect(deadLetters(run.dataDir)).toHaveLength(7);
  expect(run.runtime.stats().components["t"]).toMatchObject({
    component_consumed_events_total: { known: 7 },
    component_created_events_total: 7,
  });
  expectBalance(run);
});

describe.runIf(isDataChecked)("what is emitted", () => {
  it("costs its event if JSON cannot represent it", async () => {
    const run = await runPlanted(
      keepOf(() => (event, { emit }) => {
        emit({ id: key(event), data: { at: 5n } });
        return event;
      }),
      { records: numbers(7) },
    );
    expect(await run.runtime.ended).toEqual({ how: "finished" });
    expect(run.kept).toEqual([]);
    const letters = deadLetters(run.dataDir);
    expect(letters).toHaveLength(7);
    expect(letters[0]!.head).toMatchObject({
      component: "t",
      reason: "transform_error",
      message: 'emit got data that JSON cannot carry: the value at "at" is a BigInt, which JSON does not have',
    });
    expectBalance(run);
  });
});
