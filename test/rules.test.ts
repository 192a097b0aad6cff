import { readdirSync, readFileSync } from "node:fs";
import { globSync } from "tinyglobby";
import { describe, expect, it } from "vitest";
import { timedSteps } from "../src/detection/rule.ts";
import { ruleTypes } from "../src/detection/rule-types.ts";
import { compileKql } from "../src/kql/index.ts";
import { runRuleTest } from "../src/rule-tests/run.ts";
import { loadRule } from "../src/rules/load.ts";

const folder = "plugins/rules";
const rules = readdirSync(folder).map((file) => {
  const name = file.replace(/\.yaml$/, "");
  return { name, loaded: loadRule(readFileSync(`${folder}/${file}`, "utf8"), { file: `${folder}/${file}`, name }) };
});

it("no two rules have the same id", () => {
  const ids = rules.map(({ loaded }) => (loaded.ok ? loaded.value.id : undefined));
  expect(new Set(ids).size).toBe(rules.length);
});

it("only src/detection names the types of rules and their parts", () => {
  const names = ruleTypes.flatMap(({ name, options }) => [`"${name}"`, ...Object.keys(options)]);
  const files = globSync("src/**/*.ts", {
    ignore: [
      "src/detection/**",
      "src/scaffold/**",
      "src/cli/plugins.ts",
      "src/cli/trusted.ts",
      "**/*.test.ts",
      "**/testing/**",
    ],
  });
  expect(files.length).toBeGreaterThan(100);
  const naming = files.filter((file) => names.some((name) => readFileSync(file, "utf8").includes(name)));
  expect(naming).toEqual([]);
});

describe.each(rules)("the rule $name", ({ loaded }) => {
  it("loads without a problem, and has tests that alert and tests that do not", () => {
    expect(loaded).toMatchObject({ ok: true, warnings: [] });
    const alerts = (loaded.ok ? timedSteps(loaded.value) : []).map(({ step }) => step.alerts ?? []);
    expect(alerts.some(({ length }) => length > 0)).toBe(true);
    expect(alerts.some(({ length }) => length === 0)).toBe(true);
  });

  if (!loaded.ok) return;
  const rule = loaded.value;
  it.each(rule.tests)("$name", async (test) => {
    expect(await runRuleTest(rule, test)).toEqual([]);
  });
});

it("the rule with watch has the headline rule's query, plus watch", () => {
  const [headline, other] = ["kubernetes_secret_access_unusual_user_agent", "kubernetes_secrets_read_or_watched"].map(
    (wanted) => rules.find(({ name }) => name === wanted)!.loaded,
  );
  if (!headline?.ok || !other?.ok) throw new Error("a rule does not load");
  expect(other.value.query).toBe(headline.value.query.replace('"list")', '"list" or "watch")'));
  expect(other.value.query).not.toBe(headline.value.query);
  expect(other.value.title).not.toBe(headline.value.title);
});

it("the tuning lines of the headline rule's note exclude what they say, and nothing else", () => {
  const headline = rules.find(({ name }) => name === "kubernetes_secret_access_unusual_user_agent")!.loaded;
  const lines = (headline.ok ? headline.value.note : "").match(/(?<=`)not \([^`]+(?=`)/g) ?? [];
  const [scanner, namespaces] = lines.map((line) => compileKql(line));
  const request = (user: string, agent: string) => ({ user: { name: user }, user_agent: { original: agent } });
  expect(scanner!(request("system:serviceaccount:security:scanner", "trivy/0.60"))).toBe(false);
  const controller = "system:serviceaccount:kube-system:namespace-controller";
  expect(namespaces!(request(controller, `k3s/v1.35.2 (linux/amd64) kubernetes/13563fe/${controller}`))).toBe(false);
  expect(namespaces!(request(controller, "curl/8.9.1"))).toBe(true);
  expect(namespaces!(request("mallory", `kube-controller-manager/v1.36.3/${controller}`))).toBe(true);
  expect(lines).toHaveLength(2);
});

it("the headline rule cannot see an agent of more than 1024 characters, and its test sends one", () => {
  const headline = rules.find(({ name }) => name === "kubernetes_secret_access_unusual_user_agent")!.loaded;
  const steps = headline.ok ? timedSteps(headline.value) : [];
  const lengths = steps
    .map(({ step }) => step.event?.["user_agent.original"])
    .map((agent) => (typeof agent === "string" ? agent.length : 0));
  expect(Math.max(...lengths)).toBeGreaterThan(1024);
});

it("the pipeline with all rules for Kubernetes has all of them, but for the one that another includes", () => {
  const pipeline = readFileSync("pipelines/kubernetes-detections.yaml", "utf8");
  const left = rules.map(({ name }) => name).filter((name) => !pipeline.includes(`- ${name}\n`));
  expect(left).toEqual(["kubernetes_secret_access_unusual_user_agent"]);
});
