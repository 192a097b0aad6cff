import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkRules } from "../../src/cli/check-rules.ts";
import { plugins } from "../../src/cli/plugins.ts";
import { RuleFiles } from "../../src/cli/rule-files.ts";
import { printed } from "../../src/cli/testing/printed.ts";
import { loadPipeline } from "../../src/config/load.ts";
import { detect } from "../../src/detection/detect.ts";
import type { EqlRule } from "../../src/detection/eql/options.ts";
import type { Rule } from "../../src/detection/rule.ts";
import type { ThresholdRule } from "../../src/detection/threshold/rule-type.ts";
import { RecordMeta } from "../../src/event.ts";
import { fingerprint as hash } from "../../src/fingerprint.ts";
import type { Data } from "../../src/json.ts";
import { differenceOf } from "../../src/reload/difference.ts";
import { readRule } from "../../src/rules/read-rule.ts";
import { memoryState } from "../../src/transform/memory-state.ts";
import { runStep } from "../../src/transform/run-step.ts";

const folder = "test/elastic/rules";
const files = new RuleFiles(".");
const read = (path: string) => files.read(path) ?? [];
const one = (path: string) => read(`${folder}/${path}`)[0]!;
const ruleAt = (path: string): Rule => {
  const { result } = one(path);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
};

/** What `weir rules check` prints, and its exit code. */
const check = (paths: readonly string[], options: Parameters<typeof checkRules>[1] = {}) =>
  printed((terminal) => checkRules(paths, options, terminal));

describe("rules of Elastic", () => {
  it("load from a folder, and each says whether it runs, and why not", () => {
    const { out, code } = check([folder], { json: true });
    const { rules } = JSON.parse(out) as { readonly rules: readonly Data[] };
    const verdicts = rules.map(({ file, type, language, runs, why }) => [
      String(file).slice(folder.length + 1),
      type,
      language,
      runs,
      ...(why ? [why] : []),
    ]);
    expect(verdicts).toEqual([
      ["endpoint/event.toml", "eql", "eql", true],
      ["endpoint/indicator.toml", "threat_match", "kuery", true],
      ["endpoint/job.toml", "machine_learning", null, false, expect.stringContaining("machine learning")],
      ["endpoint/lucene.toml", "query", "lucene", false, expect.stringContaining("Lucene")],
      ["endpoint/sample.toml", "eql", "eql", true],
      ["endpoint/saved.toml", "saved_query", "kuery", false, expect.stringContaining("stored in Kibana")],
      ["endpoint/sequence.toml", "eql", "eql", true],
      ["endpoint/table.toml", "esql", "esql", false, expect.stringContaining("ES|QL")],
      ["kubernetes/exec_into_pod.toml", "query", "kuery", true],
      ["kubernetes/many_secrets.toml", "threshold", "kuery", true],
      ["kubernetes/secrets_by_new_agent.toml", "new_terms", "kuery", true],
    ]);
    expect(code).toBe(78);
  });

  it("check succeeds if every rule runs or is left out", () => {
    expect(check([`${folder}/kubernetes`]).code).toBe(0);
    expect(check([folder], { integration: ["kubernetes"] }).code).toBe(0);
    expect(check([folder], { type: ["new_terms", "threshold"] }).code).toBe(0);
    expect(check([folder], { type: ["eql"] }).code).toBe(0);
    expect(check([folder], { severity: ["high", "low"] }).code).toBe(78);
    expect(check([`${folder}/none.toml`]).code).toBe(2);
  });

  it("check warns of what has no effect in a query, with its place", () => {
    const path = join(mkdtempSync(join(tmpdir(), "weir-check-")), "doors.yaml");
    const lines = [
      "title: Doors",
      "description: For tests.",
      "type: eql",
      "query: |",
      "  any where process.pid == 1.5",
      "  | head 5",
    ];
    const rest = [
      "id: 0d4f6c53-3a0e-4a5f-8f5c-52f0a4cf7b29",
      "severity: low",
      "risk_score: 1",
      'created: "2026-11-29"',
    ];
    writeFileSync(path, [...lines, ...rest, ""].join("\n"));
    const { out, error, code } = check([path]);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining("runs; 2 warnings") });
    expect(error).toContain("config/never-true");
    const { rules } = JSON.parse(check([path], { json: true }).out);
    expect(rules[0]).toMatchObject({
      runs: true,
      warnings: [
        { code: "config/never-true", line: 5, why: expect.stringContaining("process.pid") },
        { code: "config/pipe-without-effect", line: 6, why: expect.stringContaining("| head 5") },
      ],
    });
    rmSync(dirname(path), { recursive: true });
  });

  it("name every field that they do not honour, with its place", () => {
    const honoured = (path: string) => one(path).notHonoured.map(({ field }) => field);
    expect(honoured("kubernetes/secrets_by_new_agent.toml")).toEqual(["index"]);
    expect(honoured("kubernetes/many_secrets.toml").sort()).toEqual(
      "index timeline_id timeline_title transform".split(" "),
    );
    expect(honoured("kubernetes/exec_into_pod.toml").sort()).toEqual(
      "actions data_view_id enabled exceptions_list meta namespace outcome response_actions throttle timestamp_override_fallback_disabled to".split(
        " ",
      ),
    );
    for (const { file, notHonoured } of read(folder)) {
      const lines = readFileSync(file, "utf8").split("\n");
      for (const { field, problem } of notHonoured)
        expect(lines[problem.line - 1]!.slice(problem.column - 1)).toMatch(new RegExp(`^(rule\\.)?${field}\\b`));
    }
  });

  it("decode what they honour", () => {
    expect(ruleAt("kubernetes/exec_into_pod.toml")).toMatchObject({
      name: "exec_into_pod",
      version: 4,
      title: "Command Run in a Pod",
      timestamp: "kubernetes.audit.stageTimestamp",
      created: "2026-04-03",
      building_block: true,
      more: { "kibana.alert.rule.from": "now-119m", "kibana.alert.rule.interval": "60m" },
    });
    const { threshold, timestamp } = ruleAt("kubernetes/many_secrets.toml") as ThresholdRule;
    expect(timestamp).toBe("@timestamp");
    expect(threshold).toEqual({
      fields: ["user.name"],
      value: 3,
      cardinality: [{ field: "kubernetes.audit.objectRef.name", value: 2 }],
      window: 540_000,
    });
  });

  it("decode what they honour of EQL", () => {
    const { correlation, timestamp } = ruleAt("endpoint/sequence.toml") as EqlRule;
    expect(timestamp).toBe("event.created");
    expect(correlation).toEqual({
      window: 360_000,
      lateness: 10_000,
      category: "event.category",
      tiebreaker: "event.sequence",
    });
    expect(ruleAt("endpoint/event.toml")).toMatchObject({
      timestamp: "event.ingested",
      correlation: { category: "kind" },
    });
    expect(ruleAt("endpoint/sample.toml")).toMatchObject({
      timestamp: "event.ingested",
      correlation: { window: 540_000 },
    });
  });

  it("in EQL raise alerts of events, sequences and samples", () => {
    const process = { kind: "process", event: { category: "process" }, host: { id: "h" } };
    const curl = { ...process, process: { name: "curl", args: ["-o", "/tmp/x"] } };
    const shell = { ...process, process: { name: "sh" } };
    const listener = { ...process, process: { name: "nc" } };
    const sent = { event: { category: "network" }, host: { id: "h" }, destination: { port: 4444 } };
    const kinds = (path: string, documents: readonly Data[]) =>
      alertsOf(ruleAt(path), documents, 1_000).map(({ data }) => data["kibana.alert.group.index"] ?? "alert");
    expect(kinds("endpoint/event.toml", [shell, curl, { ...curl, kind: "file" }])).toEqual(["alert"]);
    expect(kinds("endpoint/sequence.toml", [shell, curl, listener, shell, shell])).toEqual(["alert", 0, 1]);
    expect(kinds("endpoint/sample.toml", [sent, curl, sent, listener, listener])).toEqual(["alert", 0, 1]);
  });

  it("honour suppression, filters and what events change of an alert", () => {
    const secrets = ruleAt("kubernetes/many_secrets.toml");
    expect(secrets.suppression).toEqual({
      group_by: ["user.name"],
      duration: 300_000,
      missing_fields_strategy: "suppress",
    });
    expect(secrets.severity_mapping).toMatchObject([{ field: "event.severity", value: "3", severity: "high" }]);
    expect(secrets.risk_score_mapping).toMatchObject([{ field: "event.risk_score" }]);
    const exec = { kubernetes: { audit: { objectRef: { subresource: "exec" } } } };
    const found = alertsOf(ruleAt("kubernetes/exec_into_pod.toml"), [
      { ...exec, user: { name: "system:admin" } },
      { ...exec, user: { name: "ann" }, message: "ann runs a shell" },
    ]);
    expect(found.map(({ data }) => data["kibana.alert.rule.name"])).toEqual(["ann runs a shell"]);
  });

  it("raise building blocks as such", () => {
    const { data } = alertsOf(ruleAt("kubernetes/exec_into_pod.toml"), [
      { kubernetes: { audit: { objectRef: { subresource: "exec" } } } },
    ])[0]!;
    expect(data["kibana.alert.building_block_type"]).toBe("default");
    expect(data["kibana.alert.rule.building_block_type"]).toBe("default");
  });

  it("a broken file hides no other, and all of its mistakes are told with their places", () => {
    const { out, error } = check(["test/elastic"]);
    expect(out).toContain("14 rules: 7 run, 7 do not.");
    const places = [...error.matchAll(/^test\/elastic\/broken\/(\S+) {2}error/gm)].map(([, place]) => place);
    expect(places).toEqual([
      "no_rule.toml:1:1",
      "syntax.toml:2:10",
      "syntax.toml:3:16",
      "syntax.toml:5:1",
      "values.toml:4:10",
      "values.toml:8:14",
      "values.toml:9:11",
      "values.toml:10:12",
      "values.toml:12:17",
      "values.toml:13:2",
      "values.toml:14:9",
      "values.toml:17:9",
    ]);
  });

  it("can be chosen by tag, type, integration, severity and maturity", () => {
    const names = (filter: Parameters<RuleFiles["select"]>[1]) =>
      files.select(`${folder}/**/*.toml`, filter)!.rules.map(({ name }) => name);
    expect(names({})).toEqual([
      "event",
      "indicator",
      "sample",
      "sequence",
      "exec_into_pod",
      "many_secrets",
      "secrets_by_new_agent",
    ]);
    expect(names({ tags: ["Domain: Cloud", "x"] })).toEqual(["many_secrets"]);
    expect(names({ maturity: ["production"], types: ["query"] })).toEqual(["exec_into_pod"]);
    expect(names({ severities: ["medium", "high"] })).toEqual([
      "event",
      "indicator",
      "sample",
      "sequence",
      "many_secrets",
    ]);
    expect(names({ integrations: ["endpoint"] })).toEqual(["event", "indicator", "sample", "sequence"]);
  });
});

const alertsOf = (rule: Rule, documents: readonly Data[], pause = 1e8) => {
  const { event } = detect({ rules: [rule], timestamp: "event.ingested", state: memoryState(), hash });
  const events = documents.map((data, index) => ({ data, meta: new RecordMeta("audit", "log", index, index * pause) }));
  return runStep(event, events).events;
};

const texts = (...values: string[]) => fc.oneof(fc.constantFrom(...values), fc.array(fc.constantFrom(...values)));

const request = fc.record(
  {
    data_stream: fc.constant({ dataset: "kubernetes.audit_logs" }),
    kubernetes: fc.record({
      audit: fc.record({
        verb: fc.constantFrom("get", "get", "list", "watch"),
        objectRef: fc.record({ resource: fc.constantFrom("secrets", "secrets", "pods") }),
      }),
    }),
    source: fc.record({ ip: texts("10.0.0.1", "10.0.0.2") }),
    user: fc.record({ name: texts("ada", "ben") }),
    user_agent: fc.record({ original: texts("curl", "go kubernetes/$Format", "kubernetes/$Format/leader") }),
  },
  { requiredKeys: ["data_stream", "kubernetes"] },
);

it("the headline rule raises the same alerts in Elastic's form as in weir's", () => {
  const own = files.get("kubernetes_secret_access_unusual_user_agent");
  if (!own?.ok) throw new Error("the rule does not load");
  // weir's rule has an id of its own, because it has other texts.
  const elastic = { ...ruleAt("kubernetes/secrets_by_new_agent.toml"), id: own.value.id };
  const aboutRule = /^kibana\.alert\.rule\.(?!uuid|rule_id|name|severity|risk_score|threat|type|category)/;
  const shown = (rule: Rule, documents: readonly Data[]) =>
    alertsOf(rule, documents).map(({ data, meta }) => [
      meta.id,
      Object.fromEntries(Object.entries(data).filter(([field]) => !aboutRule.test(field))),
    ]);
  let raised = 0;
  fc.assert(
    fc.property(fc.array(request, { maxLength: 30 }), (documents) => {
      const alerts = shown(elastic, documents);
      raised += alerts.length;
      expect(alerts).toEqual(shown(own.value, documents));
    }),
  );
  expect(raised).toBeGreaterThan(20);
});

it("no text crashes the reader of rules of Elastic, and what it says has a place in the text", () => {
  const sound = readFileSync(`${folder}/kubernetes/many_secrets.toml`, "utf8");
  const edit = fc.record({
    at: fc.nat(sound.length),
    remove: fc.nat(12),
    add: fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('"', "'''", "[", "]]", "\n", "\\", "__proto__ = 1\n")),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      let text = sound;
      for (const { at, remove, add } of edits) text = text.slice(0, at) + add + text.slice(at + remove);
      const { result, notHonoured } = readRule(text, { file: "a.toml", name: "a" });
      const lines = text.split("\n");
      const problems = [...(result.ok ? [] : result.problems), ...notHonoured.map(({ problem }) => problem)];
      expect(result.ok || problems.length > 0).toBe(true);
      for (const { line, column } of problems) {
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
      }
    }),
  );
});

it("a rule that is added to a folder, edited or removed makes a difference to a reload", () => {
  const folder = mkdtempSync(join(tmpdir(), "weir-rules-"));
  try {
    const text = readFileSync(`test/elastic/rules/kubernetes/many_secrets.toml`, "utf8");
    const pipeline = `sources:\n  in: { type: stdin, codec: json }\ntransforms:\n  d: { type: detection, inputs: [in], rules: [${folder}] }\nsinks:\n  out: { type: console, inputs: [d] }\n`;
    const load = () => {
      const rules = new RuleFiles(".");
      const loaded = loadPipeline(pipeline, {
        file: "p.yaml",
        plugins,
        rules,
        env: () => undefined,
        readFile: () => "",
      });
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
      return { ...loaded.value, digests: new Map<string, string>() };
    };
    const changes = (from: ReturnType<typeof load>, to: ReturnType<typeof load>) =>
      differenceOf(from, to).changes.flatMap(({ details }) => details.map((each) => ("what" in each ? each.what : "")));
    writeFileSync(join(folder, "a.toml"), text);
    const first = load();
    expect(changes(first, load())).toEqual([]);
    writeFileSync(join(folder, "a.toml"), text.replace("value = 3", "value = 4"));
    const edited = load();
    expect(changes(first, edited)).toEqual(["the rule a was edited"]);
    writeFileSync(join(folder, "b.toml"), text.replace("c001", "c0ff"));
    const added = load();
    expect(changes(edited, added)).toEqual([`the list of rules ${folder} was edited`]);
    expect(changes(added, edited)).toEqual([`the list of rules ${folder} was edited`]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
