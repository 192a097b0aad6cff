import { describe, expect, it } from "vitest";
import { load, plugins } from "../config/testing/fixtures/sound.ts";
import { indexPage, pagePath, pluginPage } from "./page.ts";
import { pluginFile, pluginIndex } from "./plugin-index.ts";

const pageOf = (name: string): string => pluginPage(plugins.find((plugin) => plugin.name === name)!);

describe("a plugin's page", () => {
  it("has what the definition says, and what the host adds", () => {
    const page = pageOf("post");
    expect(page).toMatch(/^# post\n\nA sink\. Posts\.\n/);
    expect(page).toContain("| `url` | Where to. *Text.* | required |");
    expect(page).toContain("| `method` | How. *One of put, post.* | `post` |");
    expect(page).toContain("| `token` | The password. *Text; not with `user`.* |  |");
    expect(page).toContain("| `password` | The user's. *Text; with `user`.* |  |");
    expect(page).toMatch(/## Options that the host adds[\s\S]*\| `buffer\.max_size` \|.*\| `256MiB` \|/);
  });

  it("has an example that weir reads, but for what it leaves out", () => {
    const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(pageOf("ticker")) ?? [];
    expect(example).toBe("sources:\n  audit:\n    type: ticker\n");
    expect(load(`${example}sinks:\n  out: { type: post, inputs: [audit], url: x }\n`).ok).toBe(true);
  });

  it("says how many and how much", () => {
    expect(pageOf("ticker")).toContain("*A whole number; at least 1; at most 1000.*");
    expect(pageOf("watch")).toContain("*A list, each the name of a rule, or the path of its file.*");
  });
});

it("the index leads to every page", () => {
  const page = indexPage(plugins);
  for (const plugin of plugins) expect(page).toContain(`- [${plugin.name}](${pagePath(plugin)}): ${plugin.summary}`);
});

it("a path says which plugin it holds, if any", () => {
  expect(pluginFile("sources/http_server.ts")).toEqual({
    path: "sources/http_server.ts",
    kind: "source",
    name: "http_server",
  });
  expect(pluginFile("sinks/file/index.ts")).toEqual({ path: "sinks/file/index.ts", kind: "sink", name: "file" });
  for (const path of ["index.ts", "sources/file.test.ts", "sources/file/read.ts", "rules/night.yaml", "sinks"])
    expect(pluginFile(path)).toBeUndefined();
});

it("the plugin index is sorted, with a name for each kind", () => {
  const files = ["sources/file/index.ts", "sinks/http_post.ts", "sinks/file.ts"].map((path) => pluginFile(path)!);
  expect(pluginIndex(files)).toBe(`// Written by \`npm run generate\`: do not edit.
import type { Plugin } from "weir";
import fileSink from "./sinks/file.ts";
import httpPostSink from "./sinks/http_post.ts";
import fileSource from "./sources/file/index.ts";

/** Every plugin that comes with weir. */
export const plugins: readonly Plugin[] = [
  fileSink,
  httpPostSink,
  fileSource,
];
`);
});
