import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { patterns } from "./library/patterns.ts";

it("has the patterns that the documentation lists", () => {
  const page = readFileSync(new URL("../../../../docs/ingest-processors.md", import.meta.url), "utf8");
  const listed = [...page.slice(page.indexOf("## The patterns")).matchAll(/`([A-Z][A-Z0-9_]*)`/g)].map(
    ([, name]) => name,
  );
  expect(listed.toSorted()).toEqual(Object.keys(patterns).toSorted());
});
