import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readWhole } from "weir/tables";
import { csvReader } from "./csv.ts";
import { jsonReader, ndjsonReader } from "./json.ts";
import { mmdbReader } from "./mmdb.ts";
import type { Table, TableOptions, TableReader } from "./table.ts";

const tableOf = (read: TableReader, content: string | Buffer, options: Partial<TableOptions> = {}): Table =>
  readWhole(read(Buffer.from(content), { key: "k", match: "exact", ignoreCase: false, ...options }));

const quoted = (value: string) =>
  /[",\r\n]/.test(value) || value.trim() !== value ? `"${value.replaceAll('"', '""')}"` : value;

const cell = fc
  .array(fc.constantFrom("a", "B", "é", '"', ",", "\n", " ", "1", "😀", "__proto__"), { maxLength: 6 })
  .map((parts) => parts.join(""));

describe("a table of texts", () => {
  it("has the rows of CSV, whatever their values, as JSON and NDJSON have them", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(cell, cell, cell), { selector: ([key]) => key, maxLength: 8 }),
        cell,
        (rows, other) => {
          const csv = ["x,k,__proto__", ...rows.map(([key, x, y]) => [x, key, y].map(quoted).join(","))].join("\r\n");
          const objects = rows.map(([key, x, y]) =>
            Object.fromEntries(
              [
                ["k", key],
                ["x", x],
                ["__proto__", y],
              ].filter(([name, value]) => name === "k" || value !== ""),
            ),
          );
          const tables = [
            tableOf(csvReader(","), csv),
            tableOf(ndjsonReader, objects.map((row) => JSON.stringify(row)).join("\n")),
            tableOf(jsonReader, JSON.stringify(objects)),
          ];
          for (const value of [other, ...rows.map(([key]) => key)]) {
            const row = objects.find((one) => one["k"] === value);
            const expected =
              row && JSON.stringify(Object.fromEntries(Object.entries(row).filter(([name]) => name !== "k")));
            for (const table of tables) expect(JSON.stringify(table.find(value))).toBe(expected);
          }
        },
      ),
    );
  });

  it("finds numbers and booleans, the first of a list, and any case if it may", () => {
    const table = tableOf(csvReader(";"), "k;v\n80;http\ntrue;yes\n9007199254740993;big\nWeb-1;a\n", {
      ignoreCase: true,
    });
    expect(table.find(80)).toEqual({ v: "http" });
    expect(table.find(true)).toEqual({ v: "yes" });
    expect(table.find(["x", null, {}, "WEB-1", 80])).toEqual({ v: "a" });
    for (const value of [undefined, null, {}, [], "x", Number.NaN]) expect(table.find(value)).toBeUndefined();
    expect(tableOf(csvReader(","), "k,v\nA,1\na,2\n").find("a")).toEqual({ v: "2" });
    expect(() => tableOf(csvReader(","), "k,v\nA,1\na,2\n", { ignoreCase: true })).toThrow(
      /^line 3: another row has the key "a", too/,
    );
  });

  it("may be an object by key", () => {
    const table = tableOf(
      jsonReader,
      '\ufeff{ "a": { "n": 9007199254740993 }, "b": "text", "__proto__": { "x": 1 } }',
      { key: undefined },
    );
    expect(JSON.stringify(table.find("a"))).toBe('{"n":9007199254740993}');
    expect(table.find("b")).toEqual({ value: "text" });
    expect(table.find("__proto__")).toEqual({ x: 1 });
    expect(table.find("constructor")).toBeUndefined();
  });

  it.each([
    [csvReader(","), "", "the file is empty; its first line must have the names of the columns"],
    [csvReader(","), "a,b\n1,2\n", 'line 1 has no column "k"; it has "a", "b"'],
    [csvReader(","), "k,a,a\n", 'line 1 names the column "a" twice'],
    [csvReader(","), "k,,a\n", "line 1: column 2 has no name"],
    [csvReader(","), 'k,a\n1,"x\ny"\n\n2\n', "line 5: the number of values is 1, but line 1 names 2 columns"],
    [csvReader(","), 'k,a\n1,"x\n2,y\n', "line 2: the quote at character 3 is not closed"],
    [csvReader(","), 'k,a\n1,"x"y\n', "line 2: something follows the quotes at character 6"],
    [csvReader(","), "k,a\n1,\u0000x\n1,y\n", 'line 3: another row has the key "1", too; remove one of them'],
    [csvReader(","), Buffer.from("k,a\n1,\xff\n", "latin1"), "line 2 is not UTF-8; save the file in this encoding"],
    [ndjsonReader, '{"k":1}\n{"k":', "line 2 is not JSON: "],
    [ndjsonReader, '{"k":1}\n\n[]', "line 3 is an array, and not an object"],
    [ndjsonReader, '{"k":{}}', 'line 1 has no text or number under "k", the key'],
    [jsonReader, "[{}]", 'element 1 has no text or number under "k", the key'],
    [jsonReader, '"x"', "the file is a string; it must be an array of objects, or an object by key"],
    [jsonReader, "{}", 'the file is an object by key, so leave "key" out; "key" is for an array of objects'],
    [
      jsonReader,
      " ".repeat(4 * 1024 * 1024 + 1),
      "a JSON file can have up to 4 MiB; write one object on each line instead (format: ndjson)",
    ],
    [mmdbReader, "not a database", 'a database finds addresses; leave "key" out'],
  ] as const)("that is broken is refused, with its line: %#", (read, content, message) => {
    let found = "";
    try {
      tableOf(read, content);
    } catch (error) {
      found = (error as Error).message;
    }
    expect(found.slice(0, message.length)).toBe(message);
  });
});
