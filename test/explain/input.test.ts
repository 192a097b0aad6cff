import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { weir } from "../../src/cli/testing/printed.ts";
import { placeOfJsonError } from "../../src/explain/json-error.ts";
import { readEvents } from "../../src/explain/read-events.ts";
import { parseJson } from "../../src/parse-json.ts";
import { folderOf } from "../pipeline-tests/weir-test.ts";

const pipeline = `
sources: { access: { type: stdin } }
transforms: { clean: { type: filter, inputs: [access], where: "a:*" } }
sinks: { out: { type: blackhole, inputs: [clean] } }
`;

const explain = (...argv: readonly string[]) => weir("explain", ...argv);

it("reads events from files, and says where one is broken", async () => {
  const folder = folderOf({ "p.yaml": pipeline });
  const file = (text: string): string => {
    writeFileSync(join(folder, "events"), text);
    return join(folder, "events");
  };
  const count = async (text: string, ...args: string[]) => {
    const { out } = await explain(join(folder, "p.yaml"), "--json", "--event", file(text), ...args);
    return (JSON.parse(out) as { events: unknown[] }).events.length;
  };
  expect(await count('{\n  "a": 200,\n  "url": { "path": "/x" }\n}\n')).toBe(1);
  expect(await count('{"a":1}\n\n{"a":2}\n')).toBe(2);
  expect(await count('[{"a":1},{"a":2},{"a":3}]', "--into", "clean")).toBe(3);
  expect(await count("one\ntwo\n", "--raw")).toBe(2);
  const problems: readonly (readonly [text: string, problem: string])[] = [
    ['{\n  "a": nope\n}', ":2:9  error  This is not JSON: Unexpected token 'o'."],
    ['{"a":1}\n{"a":}\n', ":2:6  error  This line is not JSON: Unexpected token '}'."],
    ['{"a":1\n', ":1:7  error  This is not JSON: Expected ',' or '}' after property value."],
    ["7", ":1:1  error  This is a number, and no event."],
    ["[]", ":1:1  error  There is no event in this list."],
    [" \n", ":1:1  error  There is no event here."],
    [`{"a":${"[".repeat(600)}${"]".repeat(600)}}`, ":1:1  error  This is not JSON: it is nested more than 512 levels"],
    ["\u0000", "cannot be read: it is not a text file: it contains zero bytes."],
    [`"${"x".repeat(1024 * 1024)}"`, "cannot be read: it is larger than 1 MiB."],
  ];
  for (const [text, problem] of problems) {
    const { code, out, error } = await explain(join(folder, "p.yaml"), "--event", file(text));
    expect({ code, out }, problem).toEqual({ code: 1, out: "" });
    expect(error).toContain(problem);
  }
  const { error } = await explain(join(folder, "p.yaml"), "--event", join(folder, "gone"));
  expect(error).toBe(`The file "${join(folder, "gone")}" cannot be read: it does not exist.\n`);
});

it("says what is missing on the command line", async () => {
  const two =
    "sources: { a: { type: stdin }, b: { type: stdin } }\nsinks: { out: { type: console, inputs: [a, b] } }\n";
  const folder = folderOf({ "p.yaml": pipeline, "two.yaml": two, "bad.yaml": "sources: 1\n" });
  const usage = async (file: string, ...args: string[]) => {
    const { code, error } = await explain(join(folder, file), ...args);
    return `${code} ${error}`;
  };
  expect(await usage("p.yaml")).toBe(
    '2 Name what enters "access": --event FILE with an event as JSON, or --line TEXT.\n',
  );
  expect(await usage("p.yaml", "--line", "x", "--into", "claen")).toBe(
    '2 The pipeline has no component "claen". Did you mean "clean"?\n',
  );
  expect(await usage("p.yaml", "--line", "x", "--into", "clean")).toMatch(/^2 "clean" is a transform, which gets/);
  expect(await usage("p.yaml", "--raw", "--event", "x", "--line", "y")).toMatch(/^2 .*cannot be used with/);
  expect(await usage("p.yaml", "--line", "x", "--at", "noon")).toMatch(/^2 .*Give a time since 1970 with its zone/);
  expect(await usage("two.yaml", "--line", "x")).toBe("2 The pipeline has 2 sources. Choose one with --into: a, b.\n");
  expect(await usage("bad.yaml", "--line", "x")).toMatch(/^78 /);
  expect(await usage("p.yaml", "--line", "")).toBe('1 "access" made no event of the input.\n');
});

it("finds the place of what makes a text no JSON", () => {
  const piece = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"a"',
    "1",
    "true",
    "nul",
    " ",
    "\n",
    "x",
    '"',
    "-",
    "\\",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join("");
      let error: Error | undefined;
      try {
        JSON.parse(text);
      } catch (thrown) {
        error = thrown as Error;
      }
      if (!error) return;
      const place = placeOfJsonError(text, error);
      expect(place).toBeGreaterThanOrEqual(0);
      expect(place).toBeLessThanOrEqual(text.length);
      // The named character is at the place.
      const named = /^Unexpected token '(.)'/su.exec(error.message)?.[1];
      if (named !== undefined) expect(text[place]).toBe(named);
    }),
    { numRuns: 2000 },
  );
});

it("reads the same events from an array and from lines", () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1 }), (list) => {
      const text = JSON.stringify(list);
      const lines = list.map((one) => `${JSON.stringify(one)}\n`).join("\n");
      expect(readEvents(lines, "x")).toEqual(readEvents(text, "x"));
      expect(readEvents(text, "x")).toEqual({ events: parseJson(text) });
    }),
  );
});
