import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { folderOf, weir } from "../pipeline-tests/weir-test.ts";

const page = readFileSync(fileURLToPath(new URL("../../docs/explain.md", import.meta.url)), "utf8");
const block = (info: string) => new RegExp(`^\`\`\`${info}\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(page)?.[1] ?? "";

it("docs/explain.md: the command prints what it shows, and the document has the members that it lists", async () => {
  const folder = folderOf({ "shop.yaml": block("yaml") });
  const lines = ["--line", "10.0.0.1 GET /cart 503", "--line", "hello"];
  const { code, out, error } = await weir(folder, "explain", "shop.yaml", ...lines);
  expect({ code, out, error }).toEqual({ code: 0, out: block("console").replace(/^.*\n/, ""), error: "" });
  const { out: json } = await weir(folder, "explain", "shop.yaml", "--json", ...lines);
  const listed = new Set([...page.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = ""]) => cell.match(/\w+/g)));
  const document = JSON.parse(json) as { readonly events: readonly { readonly components: readonly object[] }[] };
  const members = [document, ...document.events, ...document.events.flatMap(({ components }) => components)];
  for (const name of members.flatMap((value) => Object.keys(value))) expect([...listed]).toContain(name);
});
