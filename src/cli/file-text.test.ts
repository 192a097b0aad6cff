import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { fileText } from "./file-text.ts";
import { loadPipelineFile } from "./load-file.ts";
import { RuleFiles } from "./rule-files.ts";

const folder = mkdtempSync(join(tmpdir(), "weir-file-text-"));
afterAll(() => rmSync(folder, { recursive: true }));

const written = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const pipe = join(folder, "pipe.yaml");
execFileSync("mkfifo", [pipe]);

const special = "it is not a regular file, but a pipe, a socket or a device";
const unfit = [
  [folder, "it is a directory"],
  [pipe, special],
  ["/dev/zero", special],
  [written("binary.yaml", "a: \0"), "it is not a text file: it contains zero bytes"],
  [written("latin1.yaml", Buffer.from("a: caf\xe9", "latin1")), "it is not a text file in UTF-8"],
] as const;

it.each(unfit)("refuses %s", async (path, why) => {
  expect(() => fileText(path)).toThrow(why);
  const pipeline = await loadPipelineFile(path);
  const message = `The pipeline file "${path}" cannot be read: ${why}.`;
  expect(pipeline).toMatchObject({ ok: false, problems: [{ code: "config/unreadable-file", message }] });
  const rule = new RuleFiles(folder).get(path);
  expect(rule).toMatchObject({ ok: false, problems: [{ code: "config/unreadable-file" }] });
});

it.each(unfit)("reports a reference to %s at its place", async (path, why) => {
  const file = written("refers.yaml", `sources:\n  in: { type: "\${file:${path}}" }\nsinks: {}\n`);
  const { problems } = (await loadPipelineFile(file)) as { problems: readonly unknown[] };
  expect(problems).toContainEqual(
    expect.objectContaining({ line: 2, column: 16, message: `The file "${path}" cannot be read: ${why}.` }),
  );
});

it("refuses a file of more than 1 MiB, and a pipeline file of more than 4 MiB", async () => {
  const file = written("large.yaml", Buffer.alloc(1024 ** 2 + 1, " "));
  expect(() => fileText(file)).toThrow("it is larger than 1 MiB");
  expect(await loadPipelineFile(file)).toMatchObject({ problems: [{ code: "config/not-a-map" }] });
  const larger = written("larger.yaml", Buffer.alloc(4 * 1024 ** 2 + 1, " "));
  const message = expect.stringContaining("it is larger than 4 MiB");
  expect(await loadPipelineFile(larger)).toMatchObject({ problems: [{ code: "config/unreadable-file", message }] });
});

it("reads a file of exactly 1 MiB, and one whose size is not known", () => {
  expect(fileText(written("full.yaml", Buffer.alloc(1024 ** 2, " ")))).toHaveLength(1024 ** 2);
  expect(fileText("/proc/self/status")).toContain("Pid:");
});
