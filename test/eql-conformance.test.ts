import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { compileEql } from "../src/eql/index.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const cases = join(root, "test/eql");
const folder = mkdtempSync(join(tmpdir(), "weir-eql-"));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...inputs: readonly string[]) =>
  spawnSync(process.execPath, ["--conditions=weir-source", join(root, "scripts/eql-cases.ts"), ...inputs], {
    encoding: "utf8",
  });

it("all cases of the repository pass", () => {
  const count = readFileSync(join(cases, "cases.jsonl"), "utf8").trim().split("\n").length;
  const { stdout, stderr, status } = run(cases);
  expect({ stdout, stderr, status }).toEqual({ stdout: `${count} passed, 0 failed\n`, stderr: "", status: 0 });
});

it("a case that does not pass is told, with what was found", () => {
  cpSync(cases, folder, { recursive: true });
  const wrong = [
    { name: "ids", data: "hosts.json", query: "logout where true", expected: [9] },
    {
      name: "keys",
      data: "hosts.json",
      query: "sample by host [login where true] [logout where true]",
      expected: [10, 13, 1, 9],
      join_keys: ["a"],
    },
    { name: "syntax", data: "hosts.json", query: "logout when true", expected: [] },
    { name: "right", data: "hosts.json", query: "heartbeat where true", expected: [], expected_any: [[1], [14]] },
  ];
  writeFileSync(join(folder, "cases.jsonl"), wrong.map((one) => `${JSON.stringify(one)}\n`).join(""));
  const { stdout, status } = run(folder);
  expect(status).toBe(1);
  expect(stdout).toContain('FAILED ids: logout where true\n  {"found":[9,13],"expected":[[9]]}\n');
  expect(stdout).toContain(
    'FAILED keys: sample by host [login where true] [logout where true]\n  {"keys":["db-1","web-1"]',
  );
  expect(stdout).toContain("FAILED syntax: logout when true\n");
  expect(stdout.endsWith("1 passed, 3 failed\n")).toBe(true);
});

it("every query on the page about EQL compiles", () => {
  const page = readFileSync(join(root, "docs/eql.md"), "utf8");
  const queries = [...page.matchAll(/^```eql\n([\s\S]*?)^```$/gm)].map(([, query = ""]) => query);
  expect(queries.length).toBeGreaterThan(2);
  for (const query of queries) expect(compileEql(query)).toBeDefined();
});

it("without a folder, it says how to use it", () => {
  expect(run()).toMatchObject({ stderr: "Usage: npm run conformance:eql -- FOLDER\n", status: 2 });
});
