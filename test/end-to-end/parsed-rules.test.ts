import { expect, it } from "vitest";
import { parse } from "yaml";
import { loadRule } from "../../src/rules/load.ts";
import { parsedAtBuild, shippedNames, shippedText } from "../../src/shipped.ts";

const rules = shippedNames("plugins/rules").filter((name) => name.endsWith(".yaml"));

it.each(rules)("%s was parsed by the build, and is the same rule without its YAML", (name) => {
  const path = `plugins/rules/${name}`;
  const text = shippedText(path);
  const values = parsedAtBuild(path, text);
  expect(values).toEqual(parse(text, { merge: true }));
  expect(loadRule(text, { file: path, name, values })).toEqual(loadRule(text, { file: path, name }));
});

it("parses a text itself that the build did not have, and says where a problem is", () => {
  const path = `plugins/rules/${rules[0]}`;
  expect(parsedAtBuild(path, `${shippedText(path)}\n`)).toBeUndefined();
  expect(parsedAtBuild("plugins/rules/none.yaml", "")).toBeUndefined();
  const text = "title: A rule\nseverity: 9\n";
  const problems = (values?: unknown) => loadRule(text, { file: "rule.yaml", name: "rule", values });
  expect(problems(parse(text))).toEqual(problems());
  expect(problems()).toMatchObject({ ok: false });
});
