import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { codecs, plugins } from "../src/cli/plugins.ts";
import { RuleFiles } from "../src/cli/rule-files.ts";
import { loadPipeline } from "../src/config/load.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const isOurs = (path: string) => !/(^|\/)(node_modules|dist|\.git)\//.test(path);
const documents = [
  ...readdirSync(root).filter((file) => file.endsWith(".md")),
  ...readdirSync(join(root, "docs"), { recursive: true })
    .map((file) => join("docs", String(file)))
    .filter((file) => file.endsWith(".md")),
].filter(isOurs);

const textOf = (file: string) => readFileSync(join(root, file), "utf8");

interface Block {
  readonly info: string;
  readonly text: string;
}

const fence = /^```(.*)\n([\s\S]*?)^```$/gm;
const blocksOf = (markdown: string): Block[] =>
  [...markdown.matchAll(fence)].map(([, info = "", text = ""]) => ({ info, text }));

/** GitHub's anchor of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");

const anchorsOf = (file: string) =>
  [
    ...textOf(file)
      .replace(fence, "")
      .matchAll(/^#{1,6} (.*)$/gm),
  ].map(([, heading = ""]) => anchorOf(heading));

const linksOf = (markdown: string) =>
  [...markdown.replace(fence, "").matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);

describe.each(documents)("%s", (file) => {
  const blocks = blocksOf(textOf(file));

  it("has links that lead somewhere", () => {
    const dead = linksOf(textOf(file)).filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? file : relative(root, join(root, dirname(file), path));
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(target).includes(anchor);
    });
    expect(dead).toEqual([]);
  });

  it("names no path of a private machine", () => {
    const home = homedir() === "/root" ? [] : [homedir()];
    const found = ["/home/", "/Users/", "/work/", "/root/", "C:\\", ...home].filter((path) =>
      textOf(file).includes(path),
    );
    expect(found).toEqual([]);
  });

  it("has YAML blocks that are YAML, and pipelines among them that validate", () => {
    for (const { info, text } of blocks) {
      if (info !== "yaml") continue;
      const content = parse(text) as Record<string, unknown>;
      if (!("sources" in content && "sinks" in content)) continue;
      // The rules of this pipeline are on the same page: rules-page.test.ts runs it.
      if (file === "docs/rules.md") continue;
      const tests = (content["tests"] ?? []) as { readonly env?: Readonly<Record<string, string>> }[];
      const loaded = loadPipeline(text, {
        file,
        plugins,
        codecs,
        rules: new RuleFiles(root),
        env: (name) => tests[0]?.env?.[name],
        readFile: () => "",
      });
      expect({ text, problems: loaded.ok ? loaded.warnings : loaded.problems }).toEqual({ text, problems: [] });
    }
  });

  it("shows code as it is in its file", () => {
    for (const { info, text } of blocks) {
      const source = /file=(\S+)/.exec(info)?.[1];
      if (source) expect(text).toBe(textOf(source));
    }
  });
});

it("the README's plugin is the one of the examples", () => {
  const plugin = blocksOf(textOf("README.md")).find(({ info }) => info === "ts");
  expect(plugin?.text).toBe(textOf("examples/plugins/label.ts"));
});

it("the README's pipelines are those of the files", () => {
  const pipelines = blocksOf(textOf("README.md")).filter(({ info }) => info === "yaml");
  const [headline, small] = pipelines.map(({ text }) => parse(text));
  expect(headline).toEqual(parse(textOf("pipelines/kubernetes-secret-access.yaml")));
  const { transforms } = parse(textOf("examples/small-transforms.yaml"));
  const { timestamp, ...unusual } = transforms.unusual;
  expect(timestamp).toBe("event.ingested");
  expect(small.transforms).toEqual({ ...transforms, unusual });
});

it("every example plugin is in the guide", () => {
  const shown = blocksOf(textOf("docs/plugin-guide.md")).flatMap(({ info }) => /file=(\S+)/.exec(info)?.[1] ?? []);
  const files = readdirSync(join(root, "examples/plugins")).map((file) => `examples/plugins/${file}`);
  expect(shown.sort()).toEqual(files.sort());
});

it("the audit policy records reads of Secrets, and never what they hold", () => {
  interface PolicyRule {
    readonly level: string;
    readonly resources?: readonly { readonly group: string; readonly resources?: readonly string[] }[];
    readonly nonResourceURLs?: readonly string[];
  }
  const policy = parse(textOf("examples/audit-policy.yaml")) as { readonly rules: readonly PolicyRule[] };
  const deciding = policy.rules.find(
    ({ resources, nonResourceURLs }) =>
      !nonResourceURLs &&
      (!resources ||
        resources.some(({ group, resources: kinds }) => group === "" && (!kinds || kinds.includes("secrets")))),
  );
  expect(deciding?.level).toBe("Metadata");
  expect(policy.rules.at(-1)).toEqual({ level: "Metadata" });
});
