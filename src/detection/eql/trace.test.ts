import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprint as hash } from "../../fingerprint.ts";
import type { Data } from "../../json.ts";
import { memoryState } from "../../transform/memory-state.ts";
import type { TracedStep } from "../../transform/trace.ts";
import { detect } from "../detect.ts";
import { eventOf, ruleOf } from "./testing/rule.ts";

/** What is said of each event, and how many alerts it raises, with their building blocks. */
const toldOf = (query: string, events: readonly (readonly [at: number, data: Data])[], lateness = 0) => {
  const { event } = detect({ rules: [ruleOf(query, { lateness })], state: memoryState(), hash });
  return events.map(([at, data], index) => {
    const steps: TracedStep[] = [];
    const tools = {
      note: () => undefined,
      emit: () => undefined,
      mark: 0,
      epoch: 0,
      trace: (step: TracedStep) => void steps.push(step),
    };
    const alerts = event(eventOf(at, data, index), tools);
    return {
      lines: steps.slice(1).map(({ title, outcome = "" }) => (title === "" ? outcome : `${title}: ${outcome}`)),
      alerts: Array.isArray(alerts) ? alerts.length : 0,
    };
  });
};

const a = (key: string | null = "k") => ({ key, is: "a" });
const step = (is: string) => ({ key: "k", is });
const item = (is: string) => `[any where is == "${is}"]`;
const linesOf = (...given: Parameters<typeof toldOf>) => toldOf(...given).map(({ lines }) => lines);

describe("what is said of an event of a sequence", () => {
  it("is its place, under which key, what is waited for and until when", () => {
    expect(
      linesOf(`sequence by key with maxspan=1s ${item("a")} ${item("b")} ${item("c")}`, [
        [0, a()],
        [100, a("l")],
        [200, step("b")],
        [300, step("c")],
      ]),
    ).toEqual([
      ['key "k": is step 1 of 3', "waits for step 2 of 3 until 2026-01-01T00:00:01.000Z"],
      ['key "l": is step 1 of 3', "waits for step 2 of 3 until 2026-01-01T00:00:01.100Z"],
      ['key "k": is step 2 of 3', "waits for step 3 of 3 until 2026-01-01T00:00:01.000Z"],
      ['key "k": is step 3 of 3: the sequence is complete'],
    ]);
  });

  it("is why a sequence ended: by until, or by maxspan", () => {
    const query = `sequence with maxspan=1s ${item("a")} ${item("b")} until ${item("u")}`;
    expect(
      linesOf(query, [
        [0, a()],
        [100, step("u")],
        [200, step("b")],
        [300, a()],
        [1_301, step("b")],
      ]),
    ).toEqual([
      ["all events together: is step 1 of 2", "waits for step 2 of 2 until 2026-01-01T00:00:01.000Z"],
      ["all events together: is the until event: it ends 1 open sequence"],
      ["all events together: could be step 2 of 2, but no step 1 came before it"],
      ["all events together: is step 1 of 2", "waits for step 2 of 2 until 2026-01-01T00:00:01.300Z"],
      [
        "all events together: the sequence that began at 2026-01-01T00:00:00.300Z ended at 2026-01-01T00:00:01.300Z: its maxspan of 1s was over",
        "could be step 2 of 2, but no step 1 came before it",
      ],
    ]);
  });

  it("is that an event came that must be missing", () => {
    const query = `sequence with maxspan=1s ${item("a")} !${item("m")} ${item("b")}`;
    expect(
      linesOf(query, [
        [0, a()],
        [100, step("m")],
        [200, step("b")],
      ]).slice(1),
    ).toEqual([
      [
        "all events together: is step 2 of 3, which must be missing",
        "waits for step 3 of 3 until 2026-01-01T00:00:01.000Z",
      ],
      ["all events together: is step 3 of 3, but an event came that must be missing: no alert"],
    ]);
    const trailing = `sequence with maxspan=1s ${item("a")} !${item("m")}`;
    expect(
      linesOf(trailing, [
        [0, a()],
        [100, step("m")],
      ]),
    ).toEqual([
      [
        "all events together: is step 1 of 2; there is an alert if none of the missing events comes until 2026-01-01T00:00:01.000Z",
      ],
      ["all events together: is step 2 of 2, which must be missing: ends 1 sequence"],
    ]);
  });

  it("is until when it is held", () => {
    expect(linesOf(`sequence ${item("a")} ${item("b")}`, [[0, a()]], 5)).toEqual([
      ["held: until 2026-01-01T00:00:00.005Z by door.time, so that late events are put in order"],
    ]);
  });

  it("is what a sample still needs", () => {
    expect(
      linesOf(`sample by key ${item("a")} ${item("b")}`, [
        [0, a()],
        [1, step("b")],
      ]),
    ).toEqual([
      ['key "k": waits for part 2 of 2 until 2026-01-01T00:06:00.000Z'],
      ['key "k": the sample is complete; the key starts again'],
    ]);
  });

  it("says that a sequence is complete if and only if there is an alert", () => {
    const query = fc.constantFrom(
      `sequence by key with maxspan=10ms ${item("a")} ${item("b")} ${item("a")}`,
      `sequence by key with maxspan=10ms ${item("a")} !${item("m")} ${item("b")} until ${item("u")}`,
      `sequence with maxspan=10ms ${item("a")} with runs=3`,
      `sequence with maxspan=10ms !${item("m")} ${item("a")} ${item("b")}`,
      `sample by key ${item("a")} ${item("b")}`,
    );
    const event = fc.record({ key: fc.constantFrom("k", "l", null), is: fc.constantFrom("a", "b", "m", "u") });
    const events = fc.array(fc.tuple(fc.nat(4), event), { maxLength: 20 });
    fc.assert(
      fc.property(query, events, (text, steps) => {
        let at = 0;
        const timed = steps.map(([after, data]) => {
          at += after;
          return [at, data] as const;
        });
        for (const { lines, alerts } of toldOf(text, timed))
          expect(lines.some((line) => /is complete/.test(line))).toBe(alerts > 0);
      }),
    );
  });
});
