import { describe, expect, it } from "vitest";
import type { Sink } from "../plugin.ts";
import { defaultDelivering } from "../topology/topology.ts";
import { formatProblems } from "./format.ts";
import { printConfig } from "./print.ts";
import { change, load, plugins, problemsOf, sound } from "./testing/fixtures/sound.ts";

const loaded = (text: string) => {
  const result = load(text);
  if (!result.ok) throw new Error(formatProblems(result.problems, () => text));
  return result.value;
};

it("reports a name that is too long in a message that is not", () => {
  const [problem] = problemsOf(change("type: ticker", `type: ticker, ? ${"x".repeat(100_000)} : 1`));
  expect(problem).toMatchObject({ code: "config/unknown-option", hint: expect.stringContaining("Available: every") });
  expect(problem?.message.length).toBeLessThan(500);
});

describe("a pipeline of 5,000 components", () => {
  const chain = Array.from({ length: 5_000 }, (_, index) => `t${index}`);
  const transform = (id: string, input: string) => `  ${id}: {type: keep, inputs: [${input}], where: "a: 1"}\n`;
  const pipeline = (first: string, transforms: string) =>
    `sources: {${first}: {type: ticker}}\ntransforms:\n${transforms}sinks: {out: {type: post, inputs: ["t*"], url: x}}\n`;

  it("is checked in a time that grows as its length does", () => {
    const rows = chain.map((id, index) => transform(id, index === 0 ? "in" : `t${index - 1}`));
    const { topology } = loaded(pipeline("in", rows.toReversed().join("")));
    expect(topology.components.map(({ id }) => id)).toEqual(["in", ...chain, "out"]);
    expect(topology.groups).toEqual([["in", ...chain, "out"]]);
    expect(topology.sourcesOf("out")).toEqual(["in"]);
  });

  it("may form one cycle, or name inputs that do not exist", () => {
    const rows = chain.map((id, index) => transform(id, `t${(index || chain.length) - 1}`));
    const [cycle] = problemsOf(pipeline("t", rows.join("")));
    expect(cycle?.message).toBe(
      "These components form a cycle: t0 → t1 → t2 → t3 → t4 → t5 → … → t4996 → t4997 → t4998 → t4999 → t0.",
    );
    const unknown = problemsOf(pipeline("in", chain.map((id) => transform(id, `${id}x`)).join("")));
    expect(unknown).toHaveLength(chain.length);
  });
});

describe("a sound pipeline", () => {
  it("becomes a topology of decoded components", () => {
    const { topology } = loaded(sound);
    expect(topology.components).toEqual([
      {
        id: "clock",
        kind: "source",
        plugin: plugins[0],
        config: { every: 1000, quiet: false },
        host: {
          codec: "json",
          framing: "newline",
          splitItems: "auto",
          encoding: "auto",
          invalidText: "replace",
          originMode: "auto",
          maxLine: 16 * 2 ** 20,
        },
        inputs: [],
      },
      {
        id: "some",
        kind: "transform",
        plugin: plugins[1],
        config: { where: "level: error" },
        host: { outputs: [], dropOutputs: [] },
        inputs: ["clock"],
      },
      {
        id: "out",
        kind: "sink",
        plugin: plugins[3],
        config: { url: "https://example.org", method: "post", proxy: {} },
        host: defaultDelivering(plugins[3] as Sink),
        inputs: ["some"],
      },
    ]);
  });

  it.each([
    ["{ type: ticker, max_line: 512 }", { maxLine: 512 }],
    ["{ type: ticker, max_line: 2KB, codec: text }", { maxLine: 2000, codec: "text" }],
    ["{ type: ticker, split_items: never }", { splitItems: "never" }],
    ["{ type: ticker, framing: whole }", { framing: "whole" }],
  ])("gives the host its part of %s", (written, host) => {
    expect(loaded(change("{ type: ticker }", written)).topology.components[0]?.host).toMatchObject(host);
  });

  it("gives compiled options as what was compiled", () => {
    const { topology } = loaded(change("type: ticker", "type: ticker, match: '^a${env:COUNT}', route: a/b"));
    expect(topology.components[0]?.config).toMatchObject({ match: /^a12/u, route: ["a", "b"] });
  });

  it("gives rules as rules", () => {
    const { topology } = loaded(
      change(
        "type: keep, inputs: [clock], where: 'level: error'",
        "type: watch, inputs: [clock], rules: [night_login]",
      ),
    );
    expect(topology.components[1]?.config).toMatchObject({ rules: [{ name: "night_login" }] });
  });

  it("resolves globs, in the order of the file, each component once and never itself", () => {
    const text = change("inputs: [some]", 'inputs: ["*o*", clock]');
    expect(loaded(text).topology.components.at(-1)?.inputs).toEqual(["clock", "some"]);
    expect(problemsOf(change("inputs: [clock]", 'inputs: ["*"]'))).toEqual([]);
  });

  it("takes events from named outputs, by name and by globs", () => {
    const parted = (inputs: string, more = "") =>
      sound
        .replace("sinks:", `  part: { type: split, inputs: [some]${more} }\nsinks:`)
        .replace("inputs: [some], url", `inputs: ${inputs}, url`);
    const inputsOf = (text: string) => loaded(text).topology.components.at(-1)?.inputs;
    expect(inputsOf(parted("[part, part.right, part.left]"))).toEqual(["part", "part.right", "part.left"]);
    expect(inputsOf(parted('[part, "part.*"]'))).toEqual(["part", "part.left", "part.right"]);
    expect(inputsOf(parted('["part.l*"]', ", drop_outputs: [default, right]"))).toEqual(["part.left"]);
    expect(loaded(parted('["*", "*.*"]')).topology.components.at(-1)?.inputs).toEqual([
      "clock",
      "some",
      "part",
      "part.left",
      "part.right",
    ]);
    expect(loaded(parted("[part.left]", ", drop_outputs: [default, right]")).topology.outputs("part")).toEqual(["out"]);
  });

  it("may merge only maps", () => {
    const [problem] = problemsOf(change("{ type: ticker", "{ <<: ticker, type: ticker"));
    expect(problem).toMatchObject({
      code: "config/yaml",
      message: expect.stringContaining("Merge sources must be maps"),
    });
  });

  it("may repeat itself through anchors and merged maps", () => {
    const text = `
sources:
  one: &ticker { type: ticker, every: 3s }
  two: { <<: *ticker, quiet: true }
sinks:
  out: { type: post, inputs: [one, two], url: x }
`;
    expect(loaded(text).topology.components[1]?.config).toEqual({ every: 3000, quiet: true });
  });

  it("may keep anchors under keys that begin with x-", () => {
    const text = `
x-ticker: &ticker { type: ticker, every: 3s }
sources:
  one: { <<: *ticker, quiet: true }
sinks:
  out: { type: post, inputs: [one], url: x }
`;
    expect(loaded(text).topology.components[0]?.config).toEqual({ every: 3000, quiet: true });
    expect(problemsOf(text.replace("x-ticker", "xticker"))).toMatchObject([{ code: "config/unknown-section" }]);
  });
});

describe("messages", () => {
  it.each([
    change("type: ticker", "type: '${file:/run/secrets/token}'"),
    change("inputs: [clock]", "inputs: ['${file:/run/secrets/token}']"),
    change("type: ticker", "type: ticker, count: 'a${file:/run/secrets/token}'"),
    change("'level: error'", "'${file:/run/secrets/token}'"),
    change(
      "type: keep, inputs: [clock], where: 'level: error'",
      "type: watch, inputs: [clock], rules: ['${file:/run/secrets/token}']",
    ),
  ])("never show what came from a file: %s", (text) => {
    const problems = problemsOf(text);
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(problems)).not.toContain("s3cr3t");
  });
});

describe("references", () => {
  const configOf = (text: string, index: number) => loaded(text).topology.components[index]?.config;

  it.each([
    ['count: "${env:COUNT}"', { count: 12 }],
    ['quiet: "${env:QUIET}"', { quiet: true }],
    ["count: ${env:NONE:-7}", { count: 7 }],
    ['every: "${env:COUNT}s"', { every: 12_000 }],
    ['every: "${env:EMPTY:-4s}"', { every: 4000 }],
  ])("take the type of their option: %s", (written, config) => {
    const text = change("{ type: ticker }", `\n    type: ticker\n    ${written}`);
    expect(configOf(text, 0)).toMatchObject(config);
  });

  it.each([
    ["${env:YAML}", "{ a: [1"],
    ["${env:COUNT}", "12"],
    ["a-${env:WORD}-b", "a-seven-b"],
    ["$${env:WORD} ${env:WORD}", "${env:WORD} seven"],
    ["${file:/run/secrets/token}", "s3cr3t"],
  ])("stay one text: %s", (written, url) => {
    expect(configOf(change("https://example.org", written), 2)).toMatchObject({ url });
  });

  it.each([
    [`'user_agent.original: "\${env:AGENT}"'`, 'user_agent.original: "curl\\" or user.name:*"'],
    ["'user_agent.original: ${env:AGENT}'", 'user_agent.original: "curl\\" or user.name:*"'],
    ["'${env:NONE:-level: error}'", "level: error"],
  ])("are literals within a query: %s", (written, where) => {
    expect(configOf(change("'level: error'", written), 1)).toEqual({ where });
  });
});

describe("a printed pipeline", () => {
  it("shows defaults and variables, and no secret wherever it came from", () => {
    const text = change(
      'url: "https://example.org"',
      'url: "https://${file:/run/secrets/token}@${env:WORD}.org", token: "${env:TOKEN}"',
    );
    const printed = printConfig(loaded(text));
    expect(printed).toContain("https://******@seven.org");
    expect(printed).toContain("method: post");
    expect(printed).toContain("max_size: 256MiB");
    expect(printed).not.toMatch(/hunter2|s3cr3t/);
    expect(printConfig(loaded(change('url: "', 'token: hunter2, url: "')))).not.toContain("hunter2");
  });
});
