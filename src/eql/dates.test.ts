import { expect, it } from "vitest";
import { compileEql } from "./index.ts";

const event = { "@timestamp": "2026-01-15T10:00:00.500+02:00", event: { category: "process", created: 1767225600000 } };
const matches = (query: string) => {
  const compiled = compileEql(query);
  if (compiled.type !== "event") throw new Error("not about events");
  return compiled.matches(event);
};

it.each([
  ['any where @timestamp >= "2026-01-15T08:00:00.500Z"', true],
  ['any where @timestamp > "2026-01-15T08:00:00.500Z"', false],
  ['any where @timestamp < "2026-02"', true],
  ['any where event.created == "2026-01-01"', true],
  ["any where event.created >= 1767225600000", true],
  ['any where string(event.created) == "2026-01-01T00:00:00.000Z"', true],
  ["any where @timestamp != null", true],
])("%s: %s", (query, wanted) => {
  expect(matches(query)).toBe(wanted);
});

it("has no now", () => {
  expect(() => matches('any where @timestamp > "now-1d"')).toThrow('there is no "now" here');
});
