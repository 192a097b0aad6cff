import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { importLines, LineError } from "../import.ts";
import { Seal } from "./seal.ts";
import {
  everything,
  exported,
  filled,
  maker,
  newRows,
  now,
  sample,
  timed,
  withPipeline,
} from "./testing/stored-state.ts";

const numRuns = process.env["WEIR_LONG"] === undefined ? 60 : 1_500;

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
