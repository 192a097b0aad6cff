import { expect, it } from "vitest";
import { didYouMean } from "./problem.ts";

it.each([
  ["mode", ["codec", "tls"], undefined],
  ["tunt", ["literal", "tuned"], "tuned"],
  ["esc", ["ecs"], "ecs"],
  ["grk", ["grok", "gsub"], "grok"],
  ["Path", ["path"], "path"],
  ["timeotu", ["timeout"], "timeout"],
])("%s among %j", (word, known, meant) => {
  expect(didYouMean(word, known)).toBe(meant === undefined ? undefined : `Did you mean "${meant}"?`);
});
