import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkRules } from "./check-rules.ts";
import { ruleCoverage } from "./rule-coverage.ts";
import { listRules } from "./rules.ts";
import type { Terminal } from "./terminal.ts";
import { printed } from "./testing/printed.ts";

const folder = mkdtempSync(join(tmpdir(), "rule-folders-"));
afterAll(() => rmSync(folder, { recursive: true }));

const rule = (number: number, more = "") => `[metadata]
integration = ["doors"]
[rule]
rule_id = "00000000-0000-4000-8000-${String(number).padStart(12, "0")}"
name = "Rule ${number}"
description = "For tests."
severity = "${number % 2 === 0 ? "low" : "high"}"
risk_score = 21
language = "kuery"
type = "query"
query = "door.name:*"
tags = ["Domain: Doors"]
${more}
[[rule.threat]]
framework = "MITRE ATT&CK"
tactic = { id = "TA0001", name = "Initial Access" }
technique = [{ id = "T1078", name = "Valid Accounts" }]
`;

const files: Readonly<Record<string, string | Buffer>> = {
  "a (old) [x] {y}.toml": rule(1),
  "b.toml": rule(2),
  "windows.toml": rule(3).replaceAll("\n", "\r\n"),
  "marked.toml": `\ufeff${rule(4)}`,
  "again.toml": rule(2),
  "binary.toml": Buffer.from([0, 255, 1]),
  "latin.toml": Buffer.from("# é\n", "latin1"),
  "large.toml": Buffer.alloc(2 * 1024 * 1024, "a"),
  "empty.toml": "",
  "brackets.toml": `[rule]\nmeta = ${"[".repeat(50_000)}${"]".repeat(50_000)}\n`,
  "dots.toml": `[${"a.".repeat(50_000)}b]\n`,
  "prototype.toml": `${rule(5)}\n[rule.__proto__]\nname = "x"\n`,
  "hunt.toml": '[hunt]\nname = "Doors at Night"\nlanguage = ["ES|QL"]\nquery = ["from doors"]\n',
  "brackets.yaml": `a: ${"[".repeat(5_000)}`,
  "workflow.yml": "name: build\non: push\n",
  "notes.txt": "not a rule",
};

beforeAll(() => {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  mkdirSync(join(folder, "inner.toml"));
  writeFileSync(join(folder, "inner.toml", "z.toml"), rule(6));
  symlinkSync(".", join(folder, "loop"));
  symlinkSync("nowhere.toml", join(folder, "dangling.toml"));
  symlinkSync("b.toml", join(folder, "link.toml"));
});

/** What a command prints, with short names of files. */
const run = (command: (terminal: Terminal) => number) => {
  const { out, error, code } = printed(command);
  return { out: out.replaceAll(`${folder}/`, ""), error: error.replaceAll(`${folder}/`, ""), code };
};

describe("a folder with files of all kinds", () => {
  it("is checked to its end: each file once, with what is wrong with it", () => {
    const { out, code } = run((terminal) => checkRules([folder], { json: true }, terminal));
    const { rules } = JSON.parse(out) as { readonly rules: readonly Record<string, unknown>[] };
    const verdicts = rules.map(({ file, runs, why }) => `${file}: ${runs === true ? "runs" : why}`);
    expect(verdicts).toMatchInlineSnapshot(`
      [
        "a (old) [x] {y}.toml: runs",
        "again.toml: runs",
        "b.toml: The id 00000000-0000-4000-8000-000000000002 is also that of the rule in "again.toml".",
        "binary.toml: The rule file "binary.toml" cannot be read: it is not a text file: it contains zero bytes.",
        "brackets.toml: This is not valid TOML: it has tables that are more than 64 deep.",
        "brackets.yaml: This is not valid YAML: it is nested too deeply. (and 9 more)",
        "dots.toml: This is not valid TOML: it has tables that are more than 64 deep.",
        "empty.toml: This file has no table [rule].",
        "hunt.toml: it is a query for people who hunt threats, and not a rule",
        "inner.toml/z.toml: runs",
        "large.toml: The rule file "large.toml" cannot be read: it is larger than 1 MiB.",
        "latin.toml: The rule file "latin.toml" cannot be read: it is not a text file in UTF-8.",
        "marked.toml: runs",
        "prototype.toml: runs",
        "windows.toml: runs",
        "workflow.yml: Unknown option "name" of a rule. (and 9 more)",
      ]
    `);
    expect(code).toBe(78);
  });

  it("has clear errors at their places", () => {
    const { error } = run((terminal) => checkRules([folder], {}, terminal));
    expect(error).toContain("b.toml:4:11  error  The id 00000000-0000-4000-8000-000000000002");
    expect(error).not.toMatch(/call stack|abort/);
    expect(error.length).toBeLessThan(30_000);
  });

  it("is listed and mapped without the files that do not load", () => {
    const listed = run((terminal) => listRules([folder], {}, terminal));
    expect(listed.out.split("\n").map((line) => line.split("  ")[0])).toEqual([
      "a (old) [x] {y}",
      "again",
      "z",
      "marked",
      "prototype",
      "windows",
      "",
    ]);
    expect(listed.error).toContain("1 rule left out, which weir cannot run");
    expect(listed.code).toBe(78);
    const { out, code } = run((terminal) => ruleCoverage([folder], {}, terminal));
    expect(JSON.parse(out).techniques).toMatchObject([{ techniqueID: "T1078", score: 6 }]);
    expect(code).toBe(78);
  });

  it("can be narrowed by options, so that it has no mistakes", () => {
    const options = { integration: ["doors"], severity: ["high"], tag: ["Domain: Doors"], type: ["query"] };
    const names = join(folder, "[amw]*.toml");
    const listed = run((terminal) => listRules([names], options, terminal));
    expect([listed.out, listed.error, listed.code]).toEqual([
      "a (old) [x] {y}  high      Rule 1\nwindows          high      Rule 3\n",
      "",
      0,
    ]);
    expect(JSON.parse(run((terminal) => ruleCoverage([names], options, terminal)).out).gradient.maxValue).toBe(2);
    expect(run((terminal) => listRules([names], { maturity: ["production"] }, terminal)).out).toBe("");
  });
});
