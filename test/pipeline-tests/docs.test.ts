import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { inFolder, weir } from "./weir-test.ts";

const page = readFileSync(fileURLToPath(new URL("../../docs/testing-pipelines.md", import.meta.url)), "utf8");
const blocks = (info: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${info}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, text = ""]) => text);

it("docs/testing-pipelines.md: the tests pass and fail as it shows", async () => {
  const [pipeline = "", tests = ""] = blocks("yaml");
  const [passing = "", failing = ""] = blocks("console");
  const withoutCommand = (text: string) => text.replace(/^.*\n/, "");
  inFolder({ "logins.yaml": pipeline, "logins.test.yaml": tests });
  expect(await weir(["test", "logins.yaml"])).toEqual({ code: 0, out: withoutCommand(passing), error: "" });
  writeFileSync("logins.yaml", pipeline.replace("{ source.ip: 10.0.0.1 }]", "{ source.ip: 10.0.0.2 }]"));
  const filtered = await weir(["test", "logins.yaml", "--name", "*reported"]);
  expect(filtered).toEqual({ code: 1, out: withoutCommand(failing), error: "" });
});
