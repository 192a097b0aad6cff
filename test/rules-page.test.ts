import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { plugins } from "../src/cli/plugins.ts";
import { RuleFiles } from "../src/cli/rule-files.ts";
import { loadPipeline } from "../src/config/load.ts";
import { ruleTypes } from "../src/detection/rule-types.ts";
import { runRuleTest } from "../src/rule-tests/run.ts";
import { loadRule } from "../src/rules/load.ts";

const page = readFileSync("docs/rules.md", "utf8");
const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
const isRule = (text: string) => text.includes("\ntests:");

describe("docs/rules.md", () => {
  it.each(blocks.filter(isRule))("has a rule whose tests pass: %s", async (text) => {
    const loaded = loadRule(text, { file: "rule.yaml", name: "rule" });
    expect(loaded).toMatchObject({ ok: true });
    if (!loaded.ok) return;
    for (const test of loaded.value.tests) expect(await runRuleTest(loaded.value, test)).toEqual([]);
  });

  it("has a transform that loads, with the folders of this repository in place of the user's", () => {
    const [text = ""] = blocks.filter((each) => !isRule(each));
    const used = text
      .replace("- rules/\n", "- test/elastic/rules/kubernetes\n")
      .replace("elastic/rules/integrations/kubernetes/*.toml", "test/elastic/rules/kubernetes/*.toml")
      .replace("elastic/rules/**/*.toml", "test/elastic/rules/**/s*.toml");
    const whole = `sources:\n  documents: { type: stdin, codec: json }\n${used}\nsinks:\n  out: { type: console, inputs: [alerts] }\n`;
    const rules = new RuleFiles(".");
    const loaded = loadPipeline(whole, { file: "p.yaml", plugins, rules, env: () => undefined, readFile: () => "" });
    const codes = (loaded.ok ? loaded.warnings : loaded.problems).map(({ code }) => code);
    // Some rules of tests for these integrations are of types that weir does not have.
    expect(codes).toEqual(["config/fields-not-honoured", "config/fields-not-honoured", "config/idle-rules"]);
    expect(Object.keys(parse(text))).toEqual(["transforms"]);
  });

  it.each(["exceptions:", "overrides:", "baseline:", "indicators:"])("has %s that can be used", (part) => {
    const isPart = (each: string) => !isRule(each) && each.includes(`    ${part}`);
    const text = (blocks.find(isPart) ?? "")
      .replace("rules/known_bad_address.yaml", "examples/rules/known_bad_address.yaml")
      .replace("elastic/rules/threat_intel/*.toml", "test/elastic/rules/endpoint/ind*.toml")
      .replace("/var/lib/feeds/bad-addresses.csv", "examples/known-bad-addresses.csv");
    const whole = `sources:\n  documents: { type: stdin, codec: json }\n${text}\nsinks:\n  out: { type: console, inputs: [alerts] }\n`;
    const rules = new RuleFiles(".");
    const loaded = loadPipeline(whole, { file: "p.yaml", plugins, rules, env: () => undefined, readFile: () => "" });
    expect(loaded).toMatchObject({ ok: true });
  });

  it("names the types of rules that there are", () => {
    for (const { name } of ruleTypes) expect(page).toContain(`| \`${name}\` |`);
  });
});
