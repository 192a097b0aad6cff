import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { folderOf, weir } from "./weir-test.ts";

const page = readFileSync(fileURLToPath(new URL("../../docs/testing-pipelines.md", import.meta.url)), "utf8");
const blocks = (info: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${info}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, text = ""]) => text);

it("docs/testing-pipelines.md: the tests pass and fail as it shows", async () => {
  const [pipeline = "", tests = ""] = blocks("yaml");
  const [passing = "", failing = ""] = blocks("console");
  const withoutCommand = (text: string) => text.replace(/^.*\n/, "");
  const folder = folderOf({ "logins.yaml": pipeline, "logins.test.yaml": tests });
  expect(await weir(folder, "test", "logins.yaml")).toEqual({ code: 0, out: withoutCommand(passing), error: "" });
  writeFileSync(join(folder, "logins.yaml"), pipeline.replace("{ source.ip: 10.0.0.1 }]", "{ source.ip: 10.0.0.2 }]"));
  const filtered = await weir(folder, "test", "logins.yaml", "--name", "*reported");
  expect(filtered).toEqual({ code: 1, out: withoutCommand(failing), error: "" });
});
