import { expect, it } from "vitest";
import { compileEql, type EqlOptions } from "./compile.ts";
import { neversIn } from "./never.ts";

const nevers = (query: string, options?: EqlOptions) =>
  neversIn(query, options).map(
    ({ field, reason, offset = -1 }) => `${field}: ${reason}, at ${query.slice(offset, offset + 6)}`,
  );

it.each<[query: string, never: readonly string[]]>([
  ["any where process.pid == 1.5", ["process.pid: the field holds whole numbers, at 1.5"]],
  [
    'any where process.pid in (1, 1.5) or process.pid == "2"',
    ["process.pid: the field holds whole numbers, at 1.5) o"],
  ],
  [
    "sequence [any where 2.5 != process.pid] [any where true] until [any where process.pid == 0.5]",
    ["process.pid: the field holds whole numbers, at 2.5 !=", "process.pid: the field holds whole numbers, at 0.5]"],
  ],
  ['any where source.ip in ("10.0.0.1", "nobody")', ['source.ip: it is not an IP address, at "nobod']],
  ["any where other == 1.5 and process.pid > 1.5 and length(process.name) == 1.5", []],
])("finds in %s what is never true", (query, never) => {
  expect(() => nevers(query)).not.toThrow();
  if (query.includes("nobody")) expect(() => compileEql(query)).toThrow("nobody");
  else expect(nevers(query)).toEqual(never);
});

it("knows the types that are given, and what is too long to be indexed", () => {
  const long = "x".repeat(1_025);
  expect(nevers(`any where a == "${long}" or a : ("${long}", "${long}*")`, { fields: { a: "keyword" } })).toHaveLength(
    2,
  );
  expect(nevers(`any where a == "${long}"`)).toEqual([]);
});
