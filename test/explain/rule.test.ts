import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ruleDocument } from "../../src/rule-explain/document.ts";
import { explainRule } from "../../src/rule-explain/explain.ts";
import { ruleExplanationText } from "../../src/rule-explain/text.ts";
import { loadRule } from "../../src/rules/load.ts";
import { folderOf, weir } from "../pipeline-tests/weir-test.ts";

const page = readFileSync("docs/rules.md", "utf8");
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

it("docs/rules.md: the command prints what it shows", async () => {
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
