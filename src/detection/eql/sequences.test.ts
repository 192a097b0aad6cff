import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprint as hash } from "../../fingerprint.ts";
import type { Data } from "../../json.ts";
import type { State } from "../../state.ts";
import { KeepRun } from "../../testing/keep-run.ts";
import { detect } from "../detect.ts";
import { Quota } from "./testing/quota.ts";
import { ahead, eventOf, groupsOf, ruleOf, runOf, start } from "./testing/rule.ts";
import { lateness, stream } from "./testing/stream.ts";

/** What is stored of a rule, but for the counter of held events. */
const storedIn = (state: State): readonly string[] =>
  ["keys", "events", "held", "held ids"].flatMap((scopes) =>
    scopes
      .split(" ")
      .reduce((scope, name) => scope.scope(name), state.scope(ruleOf("any where true").id))
      .scan("")
      .flatMap(([key]) => (key === "count" ? [] : `${scopes} ${key}`)),
  );

const isA = 'any where letter == "A"';
const isB = 'any where letter == "B"';
const query = `sequence by user with maxspan=20ms [${isA}] [${isB}]`;
const ada = (letter: string, more: Data = {}) => ({ user: "ada", letter, ...more });

describe("a sequence", () => {
  it("raises an alert with what its events share, and a building block for each of them", () => {
    const run = runOf(ruleOf(query, { lateness: 0 }));
    const kubernetes = { pod: { name: "web" } };
    run.batch([eventOf(0, ada("A", { kubernetes: { ...kubernetes, node: 1 }, event: { action: "open" } }))]);
    run.batch([eventOf(3, ada("A", { user: "ben" }))]);
    run.batch([
      eventOf(5, ada("B", { kubernetes: { ...kubernetes, node: 2 }, weir: "forged", event: { action: "shut" } })),
    ]);
    const { sent, consumed } = run.result;
    expect(consumed).toEqual({ remembered: 2 });
    const [shell, first, second] = sent.map(({ event }) => event.data);
    expect(sent).toHaveLength(3);
    const group = shell!["kibana.alert.group.id"];
    const blocks = [first!, second!].map((data) => data["kibana.alert.uuid"]);
    expect(shell).toMatchObject({
      user: "ada",
      kubernetes,
      event: { kind: "signal" },
      "kibana.alert.depth": 2,
      "kibana.alert.ancestors": [
        { id: "doors/log@0", type: "event", depth: 0 },
        { id: "doors/log@5", type: "event", depth: 0 },
        { id: blocks[0], type: "signal", depth: 1, rule: ruleOf("").id },
        { id: blocks[1], type: "signal", depth: 1, rule: ruleOf("").id },
      ],
      "kibana.alert.rule.type": "eql",
      "kibana.alert.rule.category": "Event Correlation Rule",
      "kibana.alert.rule.parameters": { language: "eql", query },
      weir: { eql: { type: "sequence", keys: ["ada"] } },
    });
    expect(shell!["kubernetes"]).toEqual(kubernetes);
    expect(shell).not.toHaveProperty("letter");
    expect(shell).not.toHaveProperty(["kibana.alert.building_block_type"]);
    expect(shell!["kibana.alert.reason"]).toMatch(/A sequence of 2 events from 2026-\S+ to 2026-\S+\.$/);
    for (const [index, block] of [first!, second!].entries())
      expect(block).toMatchObject({
        letter: "AB"[index],
        "kibana.alert.group.id": group,
        "kibana.alert.group.index": index,
        "kibana.alert.building_block_type": "default",
        "kibana.alert.depth": 1,
        "kibana.alert.ancestors": [{ id: ["doors/log@0", "doors/log@5"][index], type: "event", depth: 0 }],
        "kibana.alert.original_event.action": ["open", "shut"][index],
      });
    expect(new Set([shell!["kibana.alert.uuid"], ...blocks]).size).toBe(3);
    expect(second).not.toHaveProperty("weir");
  });

  it("has the same ids, at whatever time it is found", () => {
    const ids = [0, 10].map((lateness) => {
      const run = runOf(ruleOf(query, { lateness }));
      run.batch([eventOf(0, ada("A"))]);
      if (lateness > 0) run.restart();
      run.batch([eventOf(5, ada("B"))]);
      run.tick({ tick: start + ahead + 5, final: true });
      return run.result.sent.map(({ event }) => event.data["kibana.alert.uuid"]);
    });
    expect(ids[0]).toHaveLength(3);
    expect(ids[0]).toEqual(ids[1]);
  });

  it("waits by its axis for the time in which an event must be missing", () => {
    const run = runOf(ruleOf(`sequence by user with maxspan=20ms [${isA}] ![${isB}]`));
    run.batch([eventOf(0, ada("A")), eventOf(1, { user: "ben", letter: "A" }), eventOf(15, ada("B"))]);
    run.batch([eventOf(31, { letter: "X" })]);
    run.tick({ tick: start + ahead + 40 });
    expect(groupsOf(run.result.sent.map(({ event }) => event))).toEqual([]);
    run.restart();
    // Nothing comes any more: the time goes on with the host's clock.
    run.tick({ tick: start + ahead + 60, idle: 29 });
    expect(groupsOf(run.result.sent.map(({ event }) => event))).toEqual(["1"]);
    expect(run.result.sent[0]!.event.data["kibana.alert.reason"]).toContain("1 event at 2026-");
    expect(run.result.sent[0]!.event.data["kibana.alert.reason"]).toContain("; 1 other event did not come");
  });

  it("is forgotten when its time is over", () => {
    let state: State | undefined;
    const run = runOf(ruleOf(query), (given) => {
      state = given;
      return given;
    });
    for (let at = 0; at < 40; at++) run.batch([eventOf(at, { user: `u${at}`, letter: "A" })]);
    run.tick({ tick: start + ahead + 40 });
    expect(storedIn(state!).length).toBeGreaterThan(80);
    run.tick({ tick: start + 10 * ahead, idle: 9 * ahead });
    expect(storedIn(state!)).toEqual([]);
  });

  it("goes on after the end of the sources", () => {
    const run = runOf(ruleOf(query));
    run.batch([eventOf(0, ada("A"))]);
    run.tick({ tick: start + ahead + 1, final: true });
    run.restart();
    run.batch([eventOf(9, ada("B"))]);
    run.tick({ tick: start + ahead + 10, final: true });
    expect(groupsOf(run.result.sent.map(({ event }) => event))).toEqual(["0 9"]);
  });

  it("has an event once, however often it comes", () => {
    const twice = `sequence by user with maxspan=20ms [${isA}] [${isA}]`;
    for (const [asked, expected] of [
      [query, ["0 5"]],
      [twice, []],
    ] as const) {
      const run = runOf(ruleOf(asked));
      const events = [eventOf(0, ada("A")), eventOf(5, ada("B"))];
      run.batch([...events, ...events]);
      run.restart();
      run.batch(events);
      run.tick({ tick: start + ahead + 16 });
      // These are late, and what they complete is the same alert.
      if (asked === query) run.batch([...events, ...events, eventOf(100, ada("C"))]);
      run.tick({ tick: start + ahead + 100, final: true });
      expect(groupsOf(run.result.sent.map(({ event }) => event))).toEqual(expected);
    }
  });

  it("has an event once if it is matched at once, too", () => {
    const run = runOf(ruleOf(`sequence by user [${isA}] [${isA}]`, {}, "event.ingested"));
    const [first, second] = [eventOf(0, ada("A")), eventOf(1, ada("A"))];
    run.batch([first, first]);
    expect(run.result.sent).toEqual([]);
    run.batch([first, second]);
    expect(groupsOf(run.result.sent.map(({ event }) => event))).toEqual(["0 1"]);
  });

  it("that waited twice for what is missing, because its event came again, is raised once", () => {
    const run = runOf(ruleOf(`sequence by user with maxspan=20ms [${isA}] ![${isB}]`, { lateness: 0 }));
    const event = eventOf(0, ada("A"));
    run.batch([event, event]);
    run.batch([eventOf(100, ada("A"))]);
    expect(run.result.rejected).toEqual([]);
    expect(groupsOf(run.result.sent.map(({ event }) => event))).toEqual(["0"]);
  });

  it("of events before 1970 does not keep a tick from ending", () => {
    const run = runOf(ruleOf(`sequence by user with maxspan=20ms [${isA}] ![${isB}]`));
    const event = eventOf(0, ada("A"));
    run.batch([{ ...event, data: { ...event.data, "door.time": -8_000_000_000_000 } }]);
    for (const idle of [10, 100, 1000]) run.oneTick({ tick: start + ahead + idle, idle });
    run.oneTick({ tick: start + 2 * ahead, final: true });
    expect(groupsOf(run.result.sent.map(({ event }) => event))).toEqual(["0"]);
  });

  it("is raised for each of many keys of an event, in as many ticks as that takes, with restarts", () => {
    const users = Array.from({ length: 400 }, (_, index) => `user ${index}`);
    const [text, raised] = ["x".repeat(20_000), new Set<unknown>()];
    const run = runOf(ruleOf(query));
    run.batch([eventOf(0, { user: users, letter: "A", text }), eventOf(5, { user: users, letter: "B", text })]);
    run.batch([eventOf(6, ada("A")), eventOf(7, ada("B"))]);
    let sent = 0;
    while (true) {
      run.oneTick({ tick: start + ahead + 100, idle: 100 });
      const events = run.result.sent.slice(sent).map(({ event }) => event);
      if (events.length === 0) break;
      sent = run.result.sent.length;
      expect(JSON.stringify(events.map(({ data }) => data)).length).toBeLessThan(1_000_000);
      for (const { data } of events) raised.add(data["kibana.alert.uuid"]);
      run.restart();
    }
    expect([sent, raised.size]).toEqual([3 * 401, 3 * 401]);
  });

  it("shows only the beginning of a long key, and keeps keys apart", () => {
    const run = runOf(ruleOf(query));
    const long = "\u0000".repeat(3_000_000);
    for (const [place, user] of [`${long}a`, `${long}b`].entries())
      run.batch([eventOf(2 * place, ada("A", { user })), eventOf(2 * place + 1, ada("B", { user }))]);
    run.tick({ tick: start + ahead + 100, final: true });
    const sent = run.result.sent.map(({ event }) => event);
    expect(groupsOf(sent)).toEqual(["0 1", "2 3"]);
    expect(new Set(sent.map(({ meta }) => meta.id)).size).toBe(6);
    expect(Math.max(...sent.map(({ data }) => JSON.stringify(data).length))).toBeLessThan(500_000);
  });

  it("is matched at once by event.ingested", () => {
    const run = runOf(ruleOf(query, { lateness: 10 }, "event.ingested"));
    run.batch([eventOf(0, ada("A")), eventOf(20, ada("B"))]);
    run.batch([eventOf(21, ada("A"))]);
    run.batch([eventOf(42, ada("B"))]);
    expect(groupsOf(run.result.sent.map(({ event }) => event))).toEqual(["0 20"]);
  });

  it("among events with old times is found even if other events have no time", () => {
    const run = runOf(ruleOf(query));
    const untimed = (index: number) => ({ ...eventOf(0, {}, index), data: { letter: "X" } });
    run.batch([untimed(1), eventOf(0, ada("A"))]);
    run.tick({ tick: start + ahead + 1 });
    run.batch([untimed(2), eventOf(5, ada("B")), untimed(6)]);
    run.tick({ tick: start + ahead + 6 });
    run.batch([eventOf(100, { letter: "X" })]);
    run.tick({ tick: start + ahead + 100 });
    expect(groupsOf(run.result.sent.map(({ event }) => event))).toEqual(["0 5"]);
  });

  it("whose event must be missing is found by the host's clock on its axis", () => {
    const run = runOf(ruleOf(`sequence by user with maxspan=20ms [${isA}] ![${isB}]`, {}, "event.ingested"));
    run.batch([eventOf(0, ada("A"))]);
    run.tick({ tick: start + ahead + 20 });
    expect(run.result.sent).toEqual([]);
    run.tick({ tick: start + ahead + 21 });
    expect(groupsOf(run.result.sent.map(({ event }) => event))).toEqual(["0"]);
  });

  it("begins with nothing when its query was edited", () => {
    const edited = ruleOf(query.replace("20ms", "21ms"), { lateness: 0 });
    let rule = ruleOf(query, { lateness: 0 });
    let state: State | undefined;
    const run = new KeepRun({
      id: "rules",
      outputs: [],
      build: (given) => {
        state = given;
        return detect({ rules: [rule], state: given, hash });
      },
    });
    run.batch([eventOf(0, ada("A"))]);
    rule = edited;
    run.restart();
    run.batch([eventOf(9, ada("B"))]);
    expect(run.result.sent).toEqual([]);
    run.tick({ tick: start + 10 * ahead, idle: 9 * ahead });
    expect(storedIn(state!)).toEqual([]);
  });

  it("tells of what has no room, and the rest goes on", () => {
    const quota = new Quota();
    fc.assert(
      fc.property(stream, fc.nat(4_000), fc.constantFrom(0, lateness), (moments, limit, held) => {
        quota.clear();
        let state: State | undefined;
        const run = runOf(
          ruleOf(
            `sequence by user with maxspan=20ms [any where letters : "*A*"] ![any where letters : "*C*"] [any where letters : "*B*"]`,
            { lateness: held },
          ),
          (given) => {
            state = given;
            return quota.on(given, ruleOf("any where true").id);
          },
        );
        quota.most = limit;
        for (const [index, { at, users, letters: said }] of moments.entries()) {
          run.batch([eventOf(at, { user: users, letters: said }, index)]);
          run.tick({ tick: start + ahead + index });
        }
        quota.most = Number.POSITIVE_INFINITY;
        expect(run.result.rejected).toEqual([]);
        run.batch([eventOf(1_000_000, { user: "ada", letters: "X" }, 100)]);
        run.tick({ tick: start + 10 * ahead, idle: 9 * ahead });
        expect(storedIn(state!)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it("keeps large events short, and has whole alerts", () => {
    const run = runOf(ruleOf(query, { lateness: 0 }));
    const large = {
      text: "x".repeat(1_000_000),
      list: Array.from({ length: 10_000 }, (_, index) => `__proto__${index}`),
    };
    run.batch([eventOf(0, ada("A", large)), eventOf(1, ada("B", { ...large, ["__proto__"]: { a: 1 } }))]);
    const { sent } = run.result;
    expect(sent).toHaveLength(3);
    for (const { event } of sent) expect(JSON.stringify(event.data).length).toBeLessThan(100_000);
    expect(sent[0]!.event.data["kibana.alert.reason"]).toContain("only a part of");
  });

  it("has no place for an event with too many keys, which other rules still see", () => {
    const run = runOf(ruleOf(query, { lateness: 0 }));
    const user = Array.from({ length: 2_000 }, (_, index) => `u${index}`);
    run.batch([eventOf(0, { user, letter: "A" }), eventOf(1, ada("A")), eventOf(2, ada("B"))]);
    expect(run.result.rejected).toEqual([]);
    expect(groupsOf(run.result.sent.map(({ event }) => event))).toEqual(["1 2"]);
  });
});
