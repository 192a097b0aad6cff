import { describe, expect, it } from "vitest";
import type { StateRows } from "../../storage/state-rows.ts";
import { exportLines } from "../export.ts";
import { importLines, LineError } from "../import.ts";
import type { SealedOptions } from "./import.ts";
import type { Maker } from "./maker.ts";
import { storedComponent } from "./stored-component.ts";
import {
  everything,
  exported,
  filled,
  keeping,
  newRows,
  now,
  rule,
  sample,
  withPipeline,
} from "./testing/stored-state.ts";

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
