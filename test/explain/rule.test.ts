import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ruleDocument } from "../../src/rule-explain/document.ts";
import { explainRule } from "../../src/rule-explain/explain.ts";
import { ruleExplanationText } from "../../src/rule-explain/text.ts";
import { loadRule } from "../../src/rules/load.ts";
import { folderOf, weir } from "../pipeline-tests/weir-test.ts";

const page = readFileSync("docs/rule-types.md", "utf8");
const block = (info: string, text: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${info}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))]
    .map(([, found = ""]) => found)
    .find((found) => found.includes(text))!;

const named = (name: string) => {
  const loaded = loadRule(readFileSync(`plugins/rules/${name}.yaml`, "utf8"), { file: `${name}.yaml`, name });
  if (!loaded.ok) throw new Error(`${name} does not load`);
  return loaded.value;
};

const explained = async (name: string, events: readonly object[], advance = 0) => {
  const at = Date.UTC(2026, 0, 1);
  const explanation = await explainRule(named(name), { input: { events: events as never }, at, advance });
  return { document: ruleDocument(explanation), text: ruleExplanationText(explanation, { color: false, width: 100 }) };
};

const exec = (user: string, code: number) => ({
  data_stream: { dataset: "kubernetes.audit_logs" },
  user: { name: user },
  kubernetes: {
    audit: { objectRef: { resource: "pods", subresource: "exec", namespace: "shop" }, responseStatus: { code } },
  },
});

it("docs/rule-types.md: the command prints what it shows", async () => {
  const folder = folderOf({ "reads.json": block("json", "mallory") });
  mkdirSync(join(folder, "rules"));
  writeFileSync(join(folder, "rules/many_secrets.yaml"), block("yaml", "rules/many_secrets.yaml"));
  const { code, out, error } = await weir(
    folder,
    "rules",
    "explain",
    "rules/many_secrets.yaml",
    "--event",
    "reads.json",
  );
  expect({ code, out, error }).toEqual({
    code: 0,
    out: block("console", "rules explain").replace(/^.*\n/, ""),
    error: "",
  });
});

it("says which terms are new, which are known, and which clause keeps a query from matching", async () => {
  const { document } = await explained("kubernetes_exec_into_pod", [
    exec("marta", 101),
    exec("marta", 101),
    exec("erik", 101),
    exec("marta", 403),
  ]);
  const findings = document.events.map((event) => event.findings.map(({ title, outcome }) => `${title}: ${outcome}`));
  const pair = (user: string) => `user.name "${user}", kubernetes.audit.objectRef.namespace "shop"`;
  const namespace = 'kubernetes.audit.objectRef.namespace "shop"';
  expect(findings).toEqual([
    [`${pair("marta")}: new`, 'user.name "marta": new by itself', `${namespace}: new by itself`],
    [`${pair("marta")}: known, last seen 2026-01-01T00:00:00.000Z`],
    [
      `${pair("erik")}: new`,
      'user.name "erik": new by itself',
      `${namespace}: known by itself, last seen 2026-01-01T00:00:00.000Z`,
    ],
    [],
  ]);
  expect(document.events.map(({ alerts }) => alerts.length)).toEqual([1, 0, 1, 0]);
  expect(document.events[0]!.alerts[0]!.reason).toContain("New by itself");
  expect(document.events[3]).toMatchObject({
    outcome: "its query does not match",
    query: {
      matches: false,
      parts: [{ matches: true }, { matches: true }, { matches: true }, { matches: false, values: [403] }],
    },
  });
});

it("says when an event is not a document of the kind that the rule is about", async () => {
  const { text } = await explained("kubernetes_exec_into_pod", [{ kind: "Event", verb: "create" }]);
  expect(text).toContain("The event has none of the fields of the query.");
  expect(text).toContain("✗ kubernetes.audit.responseStatus.code < 400  is missing");
});

it("shows control characters of events as escapes, and cuts long values", async () => {
  const { text } = await explained("kubernetes_exec_into_pod", [exec(`\u001b[31m${"x".repeat(5_000)}`, 101)]);
  expect(text).not.toContain("\u001b");
  const clauses = text.split("\n").filter((line) => line.includes("✓"));
  expect(Math.max(...clauses.map(({ length }) => length))).toBeLessThan(400);
});

it("names what is wrong with the command line", async () => {
  const folder = folderOf({ "broken.json": "{" });
  const of = (...argv: string[]) => weir(folder, "rules", "explain", ...argv);
  expect(await of("kubernetes_exec_into_pods", "--event", "broken.json")).toMatchObject({
    code: 2,
    error: expect.stringContaining('Did you mean "kubernetes_exec_into_pod"?'),
  });
  expect(await of("kubernetes_exec_into_pod", "--event", "broken.json")).toMatchObject({ code: 1, out: "" });
  expect(await of("kubernetes_exec_into_pod")).toMatchObject({ error: expect.stringContaining("--event") });
});

it("docs/rule-types.md: the command prints what it shows of a sequence", async () => {
  const folder = folderOf({ "steps.json": block("json", "09:07") });
  mkdirSync(join(folder, "rules"));
  writeFileSync(join(folder, "rules/list_then_read.yaml"), block("yaml", "rules/list_then_read.yaml"));
  const { out } = await weir(folder, "rules", "explain", "rules/list_then_read.yaml", "--event", "steps.json");
  expect(out).toBe(block("console", "list_then_read").replace(/^.*\n/, ""));
});

const pipeline = `sources: { in: { type: demo } }
transforms:
  alerts:
    type: detection
    inputs: [in]
    rules: [kubernetes_exec_into_pod, doors.yaml]
    fields: { door: ip }
    exceptions:
      - name: nightly
        rules: [kubernetes_exec_into_pod]
        owner: platform
        reason: It runs each night.
        entries: [{ field: user.name, type: match, value: erik }]
      - name: of another rule
        rules: [doors]
        reason: For tests.
        entries: [{ field: user.name, type: match, value: nobody }]
    overrides:
      kubernetes_exec_into_pod: { severity: critical, suppression: { group_by: [user.name], duration: 1h } }
  quiet:
    type: detection
    inputs: [in]
    rules: [kubernetes_exec_into_pod, doors.yaml]
    overrides: { doors: { enabled: false } }
sinks: { out: { type: blackhole, inputs: [alerts, quiet] } }
`;

const doors = `id: 0d4f6c53-3a0e-4a5f-8f5c-52f0a4cf7b29
title: Doors
description: For tests.
type: eql
query: any where door == "10.0.0.1"
severity: low
risk_score: 1
created: "2026-11-29"
`;

const explainedIn = async (rule: string, events: readonly object[], ...more: readonly string[]) => {
  const lines = events.map((event) => JSON.stringify(event)).join("\n");
  const folder = folderOf({ "p.yaml": pipeline, "doors.yaml": doors, "events.json": lines });
  return weir(folder, "rules", "explain", rule, "--event", "events.json", "--pipeline", "p.yaml", ...more);
};

it("explains a rule as a component of a pipeline runs it", async () => {
  const events = [exec("marta", 101), { ...exec("marta", 101), user: { name: "erik" } }];
  const { out, code } = await explainedIn("kubernetes_exec_into_pod", events, "--component", "alerts");
  expect(code).toBe(0);
  expect(out).toContain("by event.ingested · as the component alerts runs it");
  expect(out).toContain("(critical: Kubernetes Shell");
  expect(out).toContain('excepted by "nightly"  owner: platform · reason: It runs each night.');
  const typed = await explainedIn("doors.yaml", [{ door: "::ffff:10.0.0.1" }], "--component", "alerts", "--json");
  expect(JSON.parse(typed.out)).toMatchObject({
    component: "alerts",
    events: [{ query: { matches: true }, outcome: "raises 1 alert" }],
  });
});

it("says why a pipeline does not run a rule", async () => {
  const errorOf = async (...given: Parameters<typeof explainedIn>) => {
    const { error, code } = await explainedIn(...given);
    expect(code).not.toBe(0);
    return error;
  };
  expect(await errorOf("door", [{}])).toBe('The pipeline does not run the rule "door". Did you mean "doors"?\n');
  expect(await errorOf("doors", [{}])).toBe(
    "Several components run the rule: alerts, quiet. Choose one with --component.\n",
  );
  expect(await errorOf("doors", [{}], "--component", "quiet")).toContain('enabled: false for the rule "doors"');
  expect(await errorOf("doors", [{}], "--component", "quit")).toContain('Did you mean "quiet"?');
});

const freeText = `[rule]
name = "Refused"
description = "For tests."
rule_id = "7a1f1f5e-3f0b-4a6e-9a55-0d6a3c7f5b11"
type = "query"
language = "kuery"
risk_score = 1
severity = "low"
query = '"access denied" or refused'
`;

const pipelineOf = (detection: string) => `sources: { lines: { type: stdin, codec: json } }
transforms:
  detect: { type: detection, inputs: [lines], ${detection} }
sinks: { out: { type: console, inputs: [detect] } }
`;

it("searches a text without a field in the default fields of the pipeline, or in those of the command", async () => {
  const folder = folderOf({
    "events.ndjson": '{"message":"access denied to ann"}\n{"log.level":"refused"}\n',
    "given.yaml": pipelineOf("rules: [rules/], default_fields: [message]"),
    "alone.yaml": pipelineOf("rules: [rules/refused.toml]"),
    "folder.yaml": pipelineOf("rules: [rules/]"),
  });
  mkdirSync(join(folder, "rules"));
  writeFileSync(join(folder, "rules/refused.toml"), freeText);
  const explain = (...options: readonly string[]) =>
    weir(folder, "rules", "explain", "rules/refused.toml", "--event", "events.ndjson", ...options);
  const verdict = ({ out }: Awaited<ReturnType<typeof explain>>) => out.match(/ {2}[✓✗] .*/g);
  expect(verdict(await explain("--pipeline", "given.yaml"))).toEqual([
    '  ✓ "access denied" or refused  by "access denied"',
    '  ✗ "access denied" or refused  is missing',
  ]);
  expect(verdict(await explain("--default-field", "message", "--default-field", "log.level"))).toEqual([
    '  ✓ "access denied" or refused  by "access denied"',
    '  ✓ "access denied" or refused  by refused',
  ]);
  expect(await explain()).toMatchObject({
    code: 2,
    error: "The rule needs default_fields: add --default-field FIELD.\n",
  });
  const checked = await weir(folder, "rules", "check", "rules");
  expect(checked).toMatchObject({
    code: 0,
    out: expect.stringContaining("runs, once the pipeline gives default_fields"),
  });
  const wayOut = "Say which fields to search: default_fields: [message].";
  expect((await weir(folder, "validate", "given.yaml")).code).toBe(0);
  expect((await weir(folder, "validate", "alone.yaml")).error).toContain(
    `the rule "refused" cannot run: its query has the text "access denied" without a field. ${wayOut}`,
  );
  expect((await weir(folder, "validate", "folder.yaml")).error).toContain(`No rule of "rules/" can run. ${wayOut}`);
});
