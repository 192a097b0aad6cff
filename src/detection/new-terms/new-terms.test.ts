import { describe, expect, it } from "vitest";
import { type Event, RecordMeta } from "../../event.ts";
import { fingerprint as hash } from "../../fingerprint.ts";
import type { Data } from "../../json.ts";
import { memoryState } from "../../transform/memory-state.ts";
import { runStep } from "../../transform/run-step.ts";
import type { Sent } from "../../transform/tally.ts";
import { newTerms } from "./new-terms.ts";
import type { NewTerms } from "./terms.ts";

const hour = 3_600_000;
const start = Date.UTC(2026, 3, 1);
const event = (at: number, data: Data): Event => ({ data, meta: new RecordMeta("doors", "log", at, start + at) });

const finder = (options: { fields?: string[]; id?: string } = {}) => {
  const step = newTerms({
    id: "doors",
    fields: ["user", "door"],
    window: 24 * hour,
    state: memoryState(),
    hash,
    ...options,
  });
  return (...events: Event[]) => runStep(step, events);
};

/** What became of the events that were not sent on, and the notes. */
const account = ({ consumed, dropped, rejected, notes }: Sent) => ({ consumed, dropped, rejected, notes });

describe("newTerms", () => {
  it("sends a few MB for an event with very many combinations, and says what was shortened", () => {
    const doors = Array.from({ length: 200_000 }, (_, index) => `door ${index}`);
    const { events, rejected } = finder()(event(0, { user: "ada", door: doors, verb: "open" }));
    expect(rejected).toEqual([]);
    expect(events.length).toBe(101);
    const bytes = events.reduce((total, { data }) => total + JSON.stringify(data).length, 0);
    expect(bytes).toBeLessThan(3 * 1024 * 1024);
    for (const { data } of events)
      expect(data).toMatchObject({ user: "ada", verb: "open", weir: { new_terms: { shortened: ["door"] } } });
  });

  it("tells long values of a field without a limit apart, and shows a part of each", () => {
    const find = finder({ fields: ["process.command_line"] });
    const run = (at: number, line: string) => find(event(at, { process: { command_line: line } })).events;
    const [one, other] = [`${"x".repeat(100_000)}a`, `${"x".repeat(100_000)}b`];
    const [[alert], [second], again] = [run(0, one), run(1, other), run(2, one)];
    const termIn = (sent: Event | undefined) =>
      (sent!.data["weir"] as { new_terms: NewTerms }).new_terms.terms[0]!.value;
    expect(termIn(alert)).toMatch(/^x{896}… \(100001 characters, fingerprint [0-9a-f]{32}\)$/);
    expect(termIn(alert)).not.toBe(termIn(second));
    expect(again).toEqual([]);
    // A keyword field of ECS has no such value.
    expect(finder({ fields: ["process.name"] })(event(0, { process: { name: one } })).consumed).toEqual({
      no_terms: 1,
    });
  });

  it("says which terms are new by themselves, and when each and the combination were last seen", () => {
    const find = finder();
    find(event(0, { user: "ada", door: "north" }), event(hour, { user: "brook", door: "south" }));
    const { events } = find(
      event(2 * hour, { user: "ada", door: "south" }),
      event(27 * hour, { user: "ada", door: "north" }),
    );
    expect(events.map(({ data }) => data["weir"])).toEqual([
      {
        new_terms: {
          event_id: "doors/log@7200000",
          at: "2026-04-01T02:00:00.000Z",
          timestamp: "event.ingested",
          window: "1d",
          terms: [
            { field: "user", value: "ada", new: false, last_seen: "2026-04-01T00:00:00.000Z" },
            { field: "door", value: "south", new: false, last_seen: "2026-04-01T01:00:00.000Z" },
          ],
        },
      },
      {
        new_terms: {
          event_id: "doors/log@97200000",
          at: "2026-04-02T03:00:00.000Z",
          timestamp: "event.ingested",
          window: "1d",
          terms: [
            { field: "user", value: "ada", new: true, last_seen: "2026-04-01T02:00:00.000Z" },
            { field: "door", value: "north", new: true, last_seen: "2026-04-01T00:00:00.000Z" },
          ],
          last_seen: "2026-04-01T00:00:00.000Z",
        },
      },
    ]);
  });

  it("compares all combinations of an event with what was known before it", () => {
    const { events } = finder()(event(0, { user: "ada", door: ["north", "south"] }));
    const results = events.map(
      ({ data }) => (data["weir"] as { new_terms: { terms: { new: boolean }[] } }).new_terms.terms,
    );
    expect(results.map((terms) => terms.map((term) => term.new))).toEqual([
      [true, true],
      [true, true],
    ]);
  });

  it("sends an event with an id derived from the event and the terms", () => {
    const data = { user: "ada", door: ["north", "south"] };
    const [once, again] = [finder()(event(0, data)), finder()(event(0, data))];
    expect(once.events.map(({ meta }) => meta.id)).toEqual(again.events.map(({ meta }) => meta.id));
    expect(new Set(once.events.map(({ meta }) => meta.id)).size).toBe(2);
  });

  it("accepts a single field, too", () => {
    const sent = finder({ fields: ["user"] })(event(0, { user: "ada" }), event(1, { user: "ada" }));
    expect(sent.events).toHaveLength(1);
    expect(account(sent)).toEqual({ consumed: { known: 1 }, rejected: [] });
  });

  it("sends one event for all combinations beyond one hundred, and none for the same ones again", () => {
    const find = finder();
    const doors = Array.from({ length: 130 }, (_, n) => `door ${n}`);
    const first = find(event(0, { user: ["ada", "brook"], door: doors }));
    expect(first.events).toHaveLength(101);
    expect(first.events.at(-1)!.data["weir"]).toMatchObject({ new_terms: { terms: [], beyond: 160 } });
    expect(account(first)).toEqual({ notes: { overflow: 1 }, rejected: [] });

    expect(account(find(event(1, { user: ["ada", "brook"], door: doors })))).toEqual({
      consumed: { known: 1 },
      notes: { overflow: 1 },
      rejected: [],
    });
    const changed = find(event(2, { user: ["ada", "brook"], door: [...doors.slice(0, -1), "trapdoor"] }));
    expect(changed.events.map(({ data }) => data["weir"])).toMatchObject([{ new_terms: { beyond: 160 } }]);
  });

  it("keeps combinations apart whatever their values contain", () => {
    const tricky = ["a", "a,", '"', '","', "a\u0000", "\ud800", "\ud801", "\ufffd", "[", ""];
    const pairs = tricky.flatMap((user) => tricky.map((door) => ({ user, door })));
    const { events } = finder()(...pairs.map((data, at) => event(at, data)));
    expect(events).toHaveLength(pairs.length);
  });
});
