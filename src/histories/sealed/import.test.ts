import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { Database, noChanges } from "../../storage/database.ts";
import { StateRows } from "../../storage/state-rows.ts";
import { TimedKeys } from "../../timed-keys/index.ts";
import { memoryState } from "../../transform/memory-state.ts";
import { exportLines } from "../export.ts";
import { historiesIn } from "../histories.ts";
import { importLines, LineError } from "../import.ts";
import type { SealedOptions } from "./import.ts";
import type { Keeping, Maker } from "./maker.ts";
import { Seal } from "./seal.ts";
import { storedComponent } from "./stored-component.ts";

const folder = mkdtempSync(join(tmpdir(), "weir-sealed-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const numRuns = process.env["WEIR_LONG"] === undefined ? 100 : 3_000;
const now = Date.UTC(2026, 0, 2);
const rule = { id: "0d4f6c53-3a0e-4a5f-8f5c-52f0a4cf7b40", name: "burst", memory: "0011" };
const maker: Maker = { type: "detection", rules: [rule] };
const keeping = (change: Partial<Maker> = {}, maxState = 1e9): ReadonlyMap<string, Keeping> =>
  new Map([["alerts", { maker: { ...maker, ...change }, maxState }]]);
const withPipeline: SealedOptions = { keeping: keeping(), now };

let files = 0;

const newRows = (change: Partial<Parameters<Database["commit"]>[0]> = {}): StateRows => {
  const path = join(folder, `${files++}.db`);
  const database = new Database(path, { isUnsynced: true });
  database.commit({ ...noChanges, ...change });
  database.close();
  return new StateRows(path, { readOnly: false });
};

/** Entries in key spaces, as a transform could have written any. */
const filled = (
  spaces: Readonly<Record<string, readonly (readonly [string, string, (number | undefined)?])[]>>,
): StateRows =>
  newRows({
    state: Object.entries(spaces).flatMap(([space, entries]) =>
      entries.map(([key, value, expires]) => ({ component: space, key, value, expires })),
    ),
    sweeps: [{ component: `alerts/${rule.id}`, before: 5 }],
    keepers: [{ component: "alerts", wake: now + 5, mark: now - 5, epoch: 2 }],
    ingested: now,
  });

const everything = (rows: StateRows): unknown => ({
  keeper: rows.keeper("alerts"),
  clock: rows.clock,
  checkpoints: [...rows.checkpoints("alerts:baseline")],
  spaces: rows.spaces().map((space) => [space, rows.swept(space), [...rows.of(space)]]),
});

const exported = (rows: StateRows): string[] => [
  ...exportLines(rows, {
    components: [storedComponent("alerts", maker, rows)],
    histories: historiesIn(rows),
    now: "now",
  }),
];

/** A key with a time, as `TimedKeys` has it. */
const timed = (key: string, value: string, due: number): [string, string][] => {
  const entries = new Map<string, string>();
  const state = memoryState();
  new TimedKeys({ ...state, set: (name, text) => void entries.set(name, text) }).set(key, value, due);
  return [...entries];
};

const sample = () =>
  filled({
    [`alerts/${rule.id}`]: [...timed("k1", "[null,1,2]", now), ...timed("k2", "plain text", 5), ["x", "1", 9]],
    "alerts/axis at": [["reading", "[1,2,3]   "]],
  });

describe("state", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
    fc.json(),
    fc.constantFrom(
      "v1",
      "t000000000000005k",
      "v",
      "t",
      "000000000000005x",
      "",
      "\u0000",
      '{"__proto__":1}',
      "1e5",
      "-0",
    ),
  );
  const entries = fc.uniqueArray(
    fc.oneof(
      fc.tuple(texts, texts, fc.option(fc.oneof(fc.integer(), fc.double({ noNaN: true })), { nil: undefined })),
      fc.tuple(texts, texts, fc.nat()).map(([key, value, due]) => timed(key, value, due)[0]!),
      fc.tuple(texts, texts, fc.nat()).map(([key, value, due]) => timed(key, value, due)[1]!),
    ),
    { selector: ([key]) => key, maxLength: 12 },
  );

  it("of any keys and values is the same after an export and an import", async () => {
    await fc.assert(
      fc.asyncProperty(entries, entries, async (some, others) => {
        const both = timed("both", "x", 7);
        const from = filled({
          alerts: [...some.filter(([key]) => !key.endsWith("both")), ...both],
          "alerts/a b/c": others,
        });
        const to = newRows();
        await importLines(to, exported(from), withPipeline);
        expect(exported(to)).toEqual(exported(from));
        const { spaces } = everything(from) as { readonly spaces: unknown };
        expect(everything(to)).toMatchObject({ keeper: from.keeper("alerts"), clock: now, spaces });
        from.close();
        to.close();
      }),
      { numRuns },
    );
  });

  it("that was changed, cut or put in another order is refused at its line, and changes nothing", async () => {
    const lines = exported(sample());
    const rows = sample();
    const before = everything(rows);
    const damage = fc.oneof(
      fc.record({ how: fc.constant("edit" as const), at: fc.nat(), to: fc.string({ minLength: 1, maxLength: 3 }) }),
      fc.record({
        how: fc.constantFrom("remove" as const, "double" as const, "swap" as const),
        at: fc.nat(),
        to: fc.constant(""),
      }),
      fc.record({ how: fc.constant("cut" as const), at: fc.nat(), to: fc.constant("") }),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: lines.length - 1 }), damage, async (index, { how, at, to }) => {
        const line = lines[index]!;
        const place = at % line.length;
        const changed = [...lines];
        if (how === "edit") changed[index] = line.slice(0, place) + to + line.slice(place + 1);
        if (how === "remove") changed.splice(index, 1);
        if (how === "double") changed.splice(index, 0, line);
        if (how === "swap") [changed[index], changed[index - 1]] = [changed[index - 1]!, line];
        if (how === "cut") changed.splice(index, lines.length, line.slice(0, place));
        fc.pre(changed.join("\n").trim() !== lines.join("\n"));
        const error = await importLines(rows, changed, { ...withPipeline, replaces: true }).catch((thrown) => thrown);
        expect(error).toBeInstanceOf(LineError);
        const number = Number(/^line (\d+): /.exec(error.message)?.[1]);
        expect(number).toBeGreaterThanOrEqual(index);
        expect(number).toBeLessThanOrEqual(index + 2);
        expect(everything(rows)).toEqual(before);
      }),
      { numRuns },
    );
    rows.close();
  });

  it("that somebody has made up is refused at its line, or has sound parts", async () => {
    const values = fc.oneof(
      fc.jsonValue(),
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "alerts",
        "a/b",
        "term names",
        "\ud800",
        "Infinity",
        "9".repeat(40),
        1e300,
        -1,
        0.5,
        "2026-01-01",
      ),
    );
    const names = [
      "component",
      "type",
      "rules",
      "options",
      "epoch",
      "wake",
      "mark",
      "clock",
      "baseline",
      "space",
      "of",
      "swept",
      "key",
      "due",
      "expires",
      "value",
      "text",
    ];
    const members = fc.dictionary(fc.constantFrom(...names), values, { maxKeys: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(members, { maxLength: 4 }), fc.boolean(), async (made, isBegun) => {
        const seal = new Seal();
        const begun = isBegun
          ? [
              { component: "alerts", ...maker, epoch: 0 },
              { space: "a", of: "alerts" },
            ]
          : [];
        const lines = [
          '{"weir_state":2}',
          ...[...begun, ...made, { weir_state_end: 2 }].map((each) => seal.line(each)),
        ];
        const rows = newRows();
        const result = await importLines(rows, lines, withPipeline).catch((error: unknown) => error);
        if (result instanceof Error) {
          expect(result).toBeInstanceOf(LineError);
          expect(rows.spaces()).toEqual([]);
        }
        for (const space of rows.spaces()) expect(space).toMatch(/^alerts(\/[^/\n]+)*$/);
        expect(() => exported(rows)).not.toThrow();
        rows.close();
      }),
      { numRuns },
    );
  });
});

describe("an import of state", () => {
  const refusal = async (
    rows: StateRows,
    options: Partial<SealedOptions>,
    lines = exported(sample()),
  ): Promise<string> => {
    const before = everything(rows);
    const error = await importLines(rows, lines, { ...withPipeline, ...options }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LineError);
    expect(everything(rows)).toEqual(before);
    return (error as Error).message;
  };

  it.each<[string, Partial<SealedOptions>]>([
    ['line 2: what "alerts" remembers belongs to its rules and options', { keeping: undefined }],
    ['line 2: the ids of alerts depend on the id of "alerts"', { into: "other" }],
    ['line 2: the pipeline has no transform "alerts"', { keeping: new Map() }],
    [
      'line 2: "alerts" is of type detection in the file, and dedupe in the pipeline',
      { keeping: keeping({ type: "dedupe" }) },
    ],
    ['line 2: "alerts" does not run the rule "burst" in the pipeline', { keeping: keeping({ rules: [] }) }],
    [
      'line 2: the rule "burst" has changed: its type, query, fields, window or timestamp',
      { keeping: keeping({ rules: [{ ...rule, memory: "0012" }] }) },
    ],
    ['line 4: this is more than the state of "alerts" may take (20 bytes)', { keeping: keeping({}, 20) }],
  ])("is refused: %s", async (message, options) => {
    const rows = newRows();
    expect(await refusal(rows, options)).toContain(message);
    rows.close();
  });

  it("names the option of a transform that is another one", async () => {
    const made: Maker = { type: "dedupe", options: { fields: ["a"], window: "1h" } };
    const from = sample();
    const lines = [
      ...exportLines(from, { components: [storedComponent("alerts", made, from)], histories: [], now: "" }),
    ];
    const other = { maker: { ...made, options: { fields: ["b"], window: "1h" } }, maxState: 1e9 };
    expect(await refusal(newRows(), { keeping: new Map([["alerts", other]]) }, lines)).toContain(
      'line 2: "alerts" has another fields in the pipeline: ["b"] instead of ["a"]',
    );
  });

  it("is refused where something is remembered already, and replaces it when told to", async () => {
    const rows = filled({ alerts: [["old", "1"]], "alerts/gone": [["old", "1"]], alerts2: [["kept", "1"]] });
    expect(await refusal(rows, {})).toContain('line 2: "alerts" remembers something already');
    expect(await importLines(rows, exported(sample()), { ...withPipeline, replaces: true })).toMatchObject({
      components: 1,
      keys: 4,
    });
    expect(exported(rows)).toEqual(exported(sample()));
    expect([...rows.of("alerts2")].map(({ key }) => key)).toEqual(["kept"]);
    rows.close();
  });

  it("leaves out what has changed when told to, and nothing else", async () => {
    const rows = newRows();
    const changed = keeping({ rules: [{ ...rule, memory: "0012" }] });
    const imported = await importLines(rows, exported(sample()), {
      ...withPipeline,
      keeping: changed,
      skipsChanged: true,
    });
    expect(imported).toMatchObject({
      components: 1,
      keys: 1,
      left: [expect.stringContaining('"burst" has changed')],
    });
    expect(rows.spaces()).toEqual(["alerts/axis at"]);
    rows.close();
  });

  it("does not take over a clock that was ahead", async () => {
    const rows = newRows();
    await importLines(rows, exported(sample()), { ...withPipeline, now: now - 3_600_000 });
    expect(rows.clock).toBe(0);
    rows.close();
  });

  it("takes along that a baseline was read, and an export waits for that", async () => {
    const checkpoint = (stream: string) => ({
      source: "alerts:baseline",
      stream,
      checkpoint: { position: 0, detail: { from: ["*.gz"], order: "time" } },
    });
    const read = newRows({ checkpoints: [checkpoint("file"), checkpoint("baseline")] });
    const rows = newRows();
    await importLines(rows, exported(read), withPipeline);
    expect([...rows.checkpoints("alerts:baseline")]).toEqual([["baseline", '{"from":["*.gz"],"order":"time"}']]);
    const reading = newRows({ checkpoints: [checkpoint("file")] });
    expect(() => exported(reading)).toThrow('"alerts" is still reading its baseline');
  });

  it.each([
    ["is nested more than 600 levels deep", `{"key":"k","value":${"[".repeat(1e6)},"seal":"00000000"}`],
    ["it is not JSON", `{"key":"k","value":${"1,".repeat(1e6)},"seal":"00000000"}`],
    ["its seal is broken", `{"key":"k","value":"${"x".repeat(1e6)}","seal":"00000000"}`],
    ["it is longer than 256 KiB", `{"key":"k","value":"${"x".repeat(1e6)}"}`],
  ])("refuses a huge line: %s", async (message, line) => {
    expect(await refusal(newRows(), {}, [exported(sample())[0]!, line])).toContain(message);
  });
});
