import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { newTerms } from "../detection/new-terms/new-terms.ts";
import { encodeEntry, type HistoryEntry, type Run } from "../detection/new-terms/observe.ts";
import { RecordMeta } from "../event.ts";
import { fingerprint as hash } from "../fingerprint.ts";
import type { State } from "../state.ts";
import { Database, noChanges } from "../storage/database.ts";
import { StateRows } from "../storage/state-rows.ts";
import type { StateChange } from "../storage/state-table.ts";
import { runStep } from "../transform/run-step.ts";
import { exportLines } from "./export.ts";
import { forget, toForget } from "./forget.ts";
import { historiesIn } from "./histories.ts";
import { importLines, LineError } from "./import.ts";

const folder = mkdtempSync(join(tmpdir(), "weir-histories-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const numRuns = process.env["WEIR_LONG"] === undefined ? 12 : 200;

const start = Date.UTC(2026, 0, 1);
const window = 1_000;
const id = "0d4f6c53-3a0e-4a5f-8f5c-52f0a4cf7b40";
const space = `alerts/${id}`;

interface Given {
  readonly at: number;
  readonly user: string;
  readonly door: string;
}

/** A state that can be looked into. */
const openState = (name: string, changes: Map<string, StateChange>): State => ({
  get: (key) => changes.get(`${name} ${key}`)?.value,
  set: (key, value, expires) => void changes.set(`${name} ${key}`, { component: name, key, value, expires }),
  delete: (key) => void changes.delete(`${name} ${key}`),
  scan: () => [],
  sweep: () => undefined,
  scope: (inner) => openState(`${name}/${inner}`, changes),
  wake: () => undefined,
});

let files = 0;

/** A data dir's database, in which a rule has seen these events. */
const stored = (events: readonly Given[]): StateRows => {
  const changes = new Map<string, StateChange>();
  const fields = ["user", "place.door"];
  const step = newTerms({
    id,
    name: "new_door",
    fields,
    window,
    lateness: 1e9,
    state: openState(space, changes),
    hash,
  });
  for (const [index, { at, user, door }] of events.entries())
    runStep(step, [{ data: { user, place: { door } }, meta: new RecordMeta("log", "log", index, start + at) }]);
  const path = join(folder, `${files++}.db`);
  const database = new Database(path);
  database.commit({ ...noChanges, state: [...changes.values()] });
  database.close();
  return new StateRows(path, { readOnly: false });
};

const exported = (rows: StateRows): string[] => [...exportLines(rows, { histories: historiesIn(rows), now: "now" })];

/** What is seen when, by the values, as a plain loop over all sightings finds it. */
const plainly = (events: readonly Given[]): Record<string, string> => {
  const times = new Map<string, number[]>();
  for (const { at, user, door } of events)
    for (const name of [`${user}, ${door}`, `user ${user}`, `door ${door}`])
      times.set(name, [...(times.get(name) ?? []), start + at]);
  return Object.fromEntries(
    [...times].map(([name, all]) => {
      const runs: Run[] = [];
      for (const at of all.sort((a, b) => a - b)) {
        const last = runs.at(-1);
        if (last && at - last[1] <= window) runs[runs.length - 1] = [last[0], at];
        else runs.push([at, at]);
      }
      return [name, encodeEntry(runs)];
    }),
  );
};

/** The same from an export. */
const told = (lines: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    lines
      .map((line) => JSON.parse(line))
      .filter(({ values }) => values)
      .map(({ fields, values, first_seen, last_seen, seen = [[first_seen, last_seen]] }) => [
        values.length === 2 ? values.join(", ") : `${fields[0] === "user" ? "user" : "door"} ${values[0]}`,
        encodeEntry(seen.map((run: readonly string[]) => run.map(Date.parse)) as HistoryEntry),
      ]),
  );

const events = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 6_000 }),
    user: fc.constantFrom("ann", "bob", "__proto__", 'a "quoted" \\ name', "\u{1f600}\n"),
    door: fc.constantFrom("front", "back"),
  }),
  { maxLength: 25 },
);
const inOrder = events.map((all) => all.toSorted((a, b) => a.at - b.at));

describe("histories", () => {
  it("are exported as a plain loop finds them, and are the same after an import, which is known when it comes again", async () => {
    await fc.assert(
      fc.asyncProperty(inOrder, async (given) => {
        const [one, other] = [stored(given), stored([])];
        const lines = exported(one);
        expect(told(lines)).toEqual(plainly(given));
        const entries = 2 + historiesIn(one).length;
        expect(await importLines(other, lines, { now: start })).toMatchObject({ added: lines.length - entries });
        expect(exported(other)).toEqual(lines);
        expect(await importLines(other, lines, { now: start })).toMatchObject({ added: 0, changed: 0 });
        expect(exported(other)).toEqual(lines);
        one.close();
        other.close();
      }),
      { numRuns },
    );
  });

  it("are joined by an import: what was seen here or there, whichever is imported into the other", async () => {
    await fc.assert(
      fc.asyncProperty(inOrder, inOrder, async (here, there) => {
        const [one, other] = [stored(here), stored(there)];
        const [ours, theirs] = [exported(one), exported(other)];
        await importLines(one, theirs, { now: start });
        await importLines(other, ours, { now: start });
        expect(told(exported(one))).toEqual(plainly([...here, ...there]));
        expect(told(exported(other))).toEqual(plainly([...here, ...there]));
        one.close();
        other.close();
      }),
      { numRuns },
    );
  });

  it("forget combinations, and the values that no other combination has", async () => {
    await fc.assert(
      fc.asyncProperty(inOrder, fc.constantFrom("ann", "__proto__"), async (given, user) => {
        const rows = stored(given);
        for (const history of historiesIn(rows)) {
          const forgetting = toForget(rows, history, (data) => data["user"] === user);
          await rows.change((writer) => forget(writer, forgetting));
        }
        const left = plainly(given.filter((each) => each.user !== user));
        expect(Object.keys(told(exported(rows))).sort()).toEqual(Object.keys(left).sort());
        rows.close();
      }),
      { numRuns },
    );
  });

  it("import into another component, but not that of a transform", async () => {
    const [one, other] = [stored([{ at: 0, user: "ann", door: "front" }]), stored([])];
    await importLines(other, exported(one), { into: "detect", now: start });
    expect(historiesIn(other).map(({ component }) => component)).toEqual(["detect"]);
    for (const into of ["", "a/b"])
      await expect(importLines(other, exported(one), { into, now: start })).rejects.toThrow(
        `line 2: "${into}" is not an id`,
      );
    const ofTransform = exported(one).map((line) => line.replaceAll(id, "alerts"));
    await expect(importLines(other, ofTransform, { into: "detect", now: start })).rejects.toThrow(
      'line 2: this is the history of the transform "alerts", which can be imported under this id only',
    );
  });
});

describe("an import with a mistake", () => {
  const [file, history, ...entries] = exported(stored([{ at: 0, user: "ann", door: "front" }])) as [
    string,
    string,
    ...string[],
  ];
  const entry = (change: object) => JSON.stringify({ ...JSON.parse(entries[0]!), ...change });

  it.each<[string, readonly string[]]>([
    ["line 1: it is not JSON", ["{"]],
    ["line 1: it is not an object", ["[]"]],
    ["line 1: the first line, and no other", []],
    ["line 1: the first line, and no other", [history]],
    ["line 2: the first line, and no other", [file, file]],
    ["line 1: its format is 3, and this weir reads formats up to 2", ['{"weir_state":3}']],
    ['line 2: a line with "history" must come before it', [file, entries[0]!]],
    ['line 2: "history" is not an object', [file, '{"history":1}']],
    ['line 2: "fields" must be one to three fields', [file, '{"history":{"fields":["a","b","c","d"],"window":1}}']],
    ['line 2: "window" must be a number of milliseconds', [file, '{"history":{"fields":["a"],"window":"7d"}}']],
    ['line 2: "rule" must be a text without "/"', [file, history.replace(id, "a/b")]],
    ['line 3: "fields" and "values" must be lists of texts', [file, history, '{"__proto__":{"values":["a"]}}']],
    ['line 3: "fields" must be ["user","place.door"], or one of them', [file, history, entry({ fields: ["a", "b"] })]],
    ['line 3: "fields" and "values" must be lists', [file, history, entry({ values: ["x".repeat(100_000), "b"] })]],
    ['line 3: "fields" and "values" must be lists', [file, history, entry({ values: ["\ud800", "b"] })]],
    ['line 3: "key" must have 32 hexadecimal digits', [file, history, entry({ key: "x" })]],
    ["line 3: its times must be like", [file, history, entry({ first_seen: "yesterday" })]],
    ["line 3: its times are not in order", [file, history, entry({ first_seen: "2027-01-01" })]],
    ['line 3: "seen" must be a list of first and last times', [file, history, entry({ seen: [] })]],
    ["line 7: it is not JSON", [file, history, ...entries, "x"]],
    ['line 7: a line with "weir_state_end" must be the last one', [file, history, ...entries, entries[0]!]],
    ['line 2: the file ends without a line with "weir_state_end"', [file]],
    ['line 6: the file ends without a line with "weir_state_end"', [file, history, ...entries.slice(0, -1)]],
  ])("says: %s, and imports nothing", async (message, lines) => {
    const rows = stored([{ at: 5, user: "bob", door: "front" }]);
    const before = exported(rows);
    const error = await importLines(rows, lines, { now: start }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LineError);
    expect((error as Error).message).toContain(message);
    expect(exported(rows)).toEqual(before);
    rows.close();
  });
});
