import { expect, it } from "vitest";
import { checkRules } from "../../src/cli/check-rules.ts";
import { plugins } from "../../src/cli/plugins.ts";
import { RuleFiles } from "../../src/cli/rule-files.ts";
import { printed } from "../../src/cli/testing/printed.ts";
import { loadPipeline } from "../../src/config/load.ts";

const folder = "test/elastic/rules/endpoint";
const rule = `${folder}/indicator.toml`;

const checked = (json: boolean): string => {
  const { out, code } = printed((terminal) => checkRules([rule], { json }, terminal));
  expect(code).toBe(0);
  return out;
};

it("a rule that needs indicators is said to run once they are given", () => {
  expect(checked(false)).toContain("runs, once the pipeline gives indicators of logs-ti_*");
  expect(JSON.parse(checked(true)).rules[0]).toMatchObject({ runs: true, needs: "indicators of logs-ti_*" });
});

/** The problems of a pipeline with these rules, and the names of the rules that run. */
const loaded = (options: string) => {
  const text = `
sources: { documents: { type: stdin, codec: json } }
transforms: { alerts: { type: detection, inputs: [documents], ${options} } }
sinks: { out: { type: console, inputs: [alerts] } }
`;
  const rules = new RuleFiles(".");
  const result = loadPipeline(text, { file: "p.yaml", plugins, rules, env: () => undefined, readFile: () => "" });
  return (result.ok ? result.warnings : result.problems).map(({ message, hint }) => `${message} | ${hint}`);
};

const file = "file: examples/known-bad-addresses.csv";

it("a pipeline without indicators says where to give them; of a folder, the others run", () => {
  expect(loaded(`rules: [${rule}]`).join("\n")).toMatch(
    /the rule "indicator" cannot run: it needs indicators of logs-ti_\*, and the pipeline gives none.*indicators: \[\{ file: indicators.ndjson \}\]/s,
  );
  const idle = 'do not run: 1 × threat_match. | Say where indicators are, beside "rules"';
  expect(loaded(`rules: [${folder}]`).join("\n")).toContain(idle);
  for (const given of [`{ ${file} }`, `{ ${file}, index: logs-ti_x }`, `{ ${file}, index: "logs-ti_*" }`]) {
    expect(loaded(`rules: [${folder}], indicators: [${given}]`).join("\n")).not.toContain("threat_match");
    expect(loaded(`rules: [${rule}], indicators: [${given}]`)).toEqual([]);
  }
  expect(loaded(`rules: [${rule}], indicators: [{ ${file}, index: other }]`).join()).toContain(
    'the pipeline gives those of "other"',
  );
  expect(loaded(`rules: [${folder}], indicators: [{ ${file}, index: other }]`).join()).toContain("1 × threat_match");
});

it("a list of indicators that is wrong is an error of its own, and no crash", () => {
  for (const given of ["5", "[5, ~]", "[{ file: none.csv }]", "[{ }]", '[{ file: a.csv, url: "http://a" }]'])
    expect(loaded(`rules: [${folder}], indicators: ${given}`)).not.toEqual([]);
});
