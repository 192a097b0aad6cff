import { describe, expect, it } from "vitest";
import { readRule } from "../../rules/read-rule.ts";
import type { ThreatMatchRule } from "./options.ts";

/** A rule in the form of Elastic's rules about indicators, with more at its end. */
const textWith = (
  changes: string,
  mapping = "field = 'file.hash.md5'\ntype = 'mapping'\nvalue = 'threat.indicator.file.hash.md5'",
) => `
[metadata]
creation_date = "2026/01/01"
maturity = "production"

[rule]
author = ["The weir authors"]
description = "For tests."
from = "now-65m"
index = ["logs-*"]
interval = "1h"
language = "kuery"
name = "Known Hash"
risk_score = 99
rule_id = "0c41e478-5263-4c69-8f9e-7dfd2c22da65"
severity = "critical"
threat_index = ["filebeat-*", "logs-ti_*"]
threat_query = """
@timestamp >= "now-30d/d" and event.module:(threatintel or ti_*) and (threat.indicator.file.hash.*:* or
threat.indicator.file.pe.imphash:*) and not labels.is_ioc_transform_source:"true"
"""
timestamp_override = "event.ingested"
type = "threat_match"
${changes}

query = '''
file.hash.*:* or process.hash.*:* or dll.hash.*:*
'''

[[rule.threat_filters]]
[rule.threat_filters."$state"]
store = "appState"
[rule.threat_filters.meta]
disabled = false
negate = false
[rule.threat_filters.query.match_phrase]
"event.kind" = "enrichment"

[[rule.threat_mapping]]
[[rule.threat_mapping.entries]]
${mapping}
`;

const read = (text: string) => readRule(text, { file: "rule.toml", name: "rule" });
const problemsOf = (text: string) => {
  const { result } = read(text);
  return result.ok ? [] : result.problems.map(({ code, message, line }) => `${line} ${code}: ${message}`);
};

describe("a rule of Elastic about indicators", () => {
  it("is read with all that it asks for", () => {
    const { result, cannotRun, notHonoured } = read(textWith(""));
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const { threat_match, timestamp } = result.value as ThreatMatchRule;
    expect(timestamp).toBe("event.ingested");
    expect(threat_match).toMatchObject({
      index: ["filebeat-*", "logs-ti_*"],
      mapping: [{ entries: [{ field: "file.hash.md5", value: "threat.indicator.file.hash.md5", negate: false }] }],
      indicator_path: "threat.indicator",
      filter: { type: "is" },
    });
    expect(threat_match.query.startsWith('@timestamp >= "now-30d/d"')).toBe(true);
    expect(cannotRun).toBeUndefined();
    expect(notHonoured.map(({ field }) => field)).toEqual(["index"]);
  });

  it("cannot run if it asks for indicators in another language", () => {
    const { cannotRun, result } = read(textWith('threat_language = "lucene"'));
    expect(cannotRun).toContain("Lucene");
    expect(result.ok).toBe(false);
  });

  it("names filters that weir has no counterpart of", () => {
    const text = textWith("").replace(
      "[rule.threat_filters.query.match_phrase]",
      "[rule.threat_filters.query.query_string]",
    );
    const { notHonoured, result } = read(text);
    expect(result.ok).toBe(true);
    expect(notHonoured.filter(({ matters }) => matters).map(({ field, problem }) => [field, problem.line])).toEqual([
      ["threat_filters", text.split("\n").findIndex((line) => line.startsWith("[[rule.threat_filters")) + 1],
    ]);
  });

  it("reports a mapping that Kibana would refuse", () => {
    const negated = "field = 'a'\ntype = 'mapping'\nvalue = 'b'\nnegate = true";
    const [problem] = problemsOf(textWith("", negated));
    const line = textWith("").split("\n").indexOf("[[rule.threat_mapping]]") + 1;
    expect(problem).toMatch(new RegExp(`^${line} .*at least one must compare values that are equal`));
    const both = `${negated}\n[[rule.threat_mapping.entries]]\nfield = 'a'\ntype = 'mapping'\nvalue = 'b'`;
    expect(problemsOf(textWith("", both)).join()).toContain('"a" would have to equal "b" and differ from it');
  });

  it("reports a query about indicators that is none", () => {
    const text = textWith("").replace("now-30d/d", "now-30q");
    expect(problemsOf(text)[0]).toMatch(/^\d+ config\/kql: /);
  });
});
