import fc from "fast-check";
import { expect, it } from "vitest";
import { entryLine, historyLine, readLine } from "./line.ts";

const about = { id: "a", name: "b", version: "c", fields: ["user", "door"], window: 1_000, timestamp: "at" };
const lines = [
  historyLine("alerts", about),
  entryLine(about, { fields: ["user", "door"], values: ["ann", "front"] }, [
    [0, 5],
    [2_000, 2_001],
  ]),
  entryLine(about, { key: "0".repeat(32) }, [[0, 5]]),
];

it("reads what was written", () => {
  expect(readLine(lines[0]!)).toEqual({ kind: "history", component: "alerts", about });
  const term = { fields: ["user", "door"], values: ["ann", "front"] };
  const entry = [
    [0, 5],
    [2_000, 2_001],
  ];
  expect(readLine(lines[1]!)).toEqual({ kind: "entry", term, entry });
});

it("reads any other text as a line with sound parts, or says what is wrong", () => {
  const texts = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .tuple(fc.constantFrom(...lines), fc.nat(), fc.nat(40), fc.oneof(fc.json(), fc.string({ unit: "binary" })))
      .map(([line, at, length, text]) => {
        const start = at % line.length;
        return line.slice(0, start) + text + line.slice(start + length);
      }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      let line: ReturnType<typeof readLine>;
      try {
        line = readLine(text);
      } catch (error) {
        expect((error as Error).message).toMatch(/^(it|its|"[a-z_]+") /);
        return;
      }
      if (line.kind === "history") expect(line.about.fields.length).toBeLessThan(4);
      if (line.kind !== "entry") return;
      const times = line.entry.flat();
      expect(times.every(Number.isSafeInteger)).toBe(true);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }),
    { numRuns: 3_000 },
  );
});
