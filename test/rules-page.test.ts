import { copyFileSync, cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { plugins } from "../src/cli/plugins.ts";
import { RuleFiles } from "../src/cli/rule-files.ts";
import { loadPipeline } from "../src/config/load.ts";
import { ruleTypes } from "../src/detection/rule-types.ts";
import { runRuleTest } from "../src/rule-tests/run.ts";
import { loadRule } from "../src/rules/load.ts";
import { follow } from "./followed-page.ts";
import { folderOf } from "./pipeline-tests/weir-test.ts";

const page = readFileSync("docs/rules.md", "utf8");
const [, reference = ""] = page.split(/^(?=## Types of rules$)/m);
const elasticPage = readFileSync("docs/elastic-rules.md", "utf8");
const texts = [
  reference,
  ...["rule-types", "tuning", "learning"].map((name) => readFileSync(`docs/${name}.md`, "utf8")),
];
const blocks = texts.flatMap((text) =>
  [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, found = ""]) => found),
);
const isRule = (text: string) => text.includes("\ntests:");

/** What loading a transform gives, with the files of this repository in place of the user's. */
const loaded = (transforms: string) => {
  const used = transforms
    .replace("- rules/\n", "- test/elastic/rules/kubernetes\n")
    .replace("elastic/rules/integrations/kubernetes/*.toml", "test/elastic/rules/kubernetes/*.toml")
    .replace("elastic/rules/**/*.toml", "test/elastic/rules/**/s*.toml")
    .replace("rules/known_bad_address.yaml", "examples/rules/known_bad_address.yaml")
    .replace("elastic/rules/threat_intel/*.toml", "test/elastic/rules/endpoint/ind*.toml")
    .replace("/var/lib/feeds/bad-addresses.csv", "examples/known-bad-addresses.csv");
  const whole = `sources:\n  documents: { type: stdin, codec: json }\n${used}\nsinks:\n  out: { type: console, inputs: [alerts] }\n`;
  const rules = new RuleFiles(".");
  return loadPipeline(whole, { file: "p.yaml", plugins, rules, env: () => undefined, readFile: () => "" });
};

describe("the pages about rules", () => {
  it("begin with a path that can be followed: each command prints what is shown", async () => {
    const folder = folderOf({});
    copyFileSync("examples/audit-sample.log", join(folder, "audit.log"));
    const followed = await follow(page, folder);
    expect(followed.length).toBeGreaterThan(8);
    for (const { command, code, out, expected = out } of followed)
      expect({ command, code, out }).toEqual({ command, code: 0, out: expected });
  });

  it("have commands for Elastic's rules, here for those of tests in their place", async () => {
    const folder = folderOf({});
    const integrations = join(folder, "elastic/rules/integrations");
    cpSync("test/elastic/rules/kubernetes", join(integrations, "kubernetes"), { recursive: true });
    const [checked] = await follow(elasticPage.replace(/^git clone .*\n/m, ""), folder);
    expect(checked).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+ rules: \d+ run, \d+ do not\.$/m) });
  });

  it.each(blocks.filter(isRule))("have a rule whose tests pass: %s", async (text) => {
    const rule = loadRule(text, { file: "rule.yaml", name: "rule" });
    expect(rule).toMatchObject({ ok: true });
    if (!rule.ok) return;
    for (const test of rule.value.tests) expect(await runRuleTest(rule.value, test)).toEqual([]);
  });

  it.each(blocks.filter((text) => !isRule(text)))("have a transform that loads: %s", (text) => {
    const result = loaded(text);
    expect(Object.keys(parse(text))).toEqual(["transforms"]);
    const codes = (result.ok ? result.warnings : result.problems).map(({ code }) => code);
    // Some rules of tests for these integrations are of types that weir does not have.
    const unusual = ["config/fields-not-honoured", "config/fields-not-honoured", "config/idle-rules"];
    expect({ ok: result.ok, codes }).toEqual({ ok: true, codes: text.includes("elastic/rules/**") ? unusual : [] });
  });

  it("name the types of rules that there are", () => {
    for (const { name } of ruleTypes) expect(reference).toContain(`| \`${name}\` |`);
  });
});
