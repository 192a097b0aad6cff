import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { weir } from "./testing/printed.ts";

it("lists every ready pipeline, first, with a sentence of its own", async () => {
  const all = JSON.parse((await weir("pipelines", "list", "--json")).out) as { name: string; summary: string }[];
  const ready = readdirSync("pipelines").filter((file) => !file.endsWith(".test.yaml"));
  expect(all.slice(0, ready.length).map(({ name }) => `${name}.yaml`)).toEqual(ready.sort());
  expect(all.map(({ name }) => name)).toContain("demo");
  expect(new Set(all.map(({ summary }) => summary)).size).toBe(all.length);
  for (const { summary } of all) expect(summary).toMatch(/^[A-Z].*\.$/);
  const { out } = await weir("pipelines", "list");
  expect(out.split("\n")).toHaveLength(all.length + 1);
});

it("prints one as it is in its file", async () => {
  const { code, out } = await weir("pipelines", "show", "demo");
  expect({ code, out }).toEqual({ code: 0, out: readFileSync("examples/demo.yaml", "utf8") });
});

it("says which one may be meant", async () => {
  expect(await weir("pipelines", "show", "dem")).toMatchObject({
    code: 2,
    error: 'There is no pipeline "dem" in weir. Did you mean "demo"?\n',
  });
  expect((await weir("pipelines", "show", "zzzzzzzz")).error).toContain("`weir pipelines list` lists them.");
});
