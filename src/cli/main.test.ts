import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadPipelineFile } from "./load-file.ts";
import { codecs, plugins } from "./plugins.ts";
import { weir } from "./testing/printed.ts";

const folder = mkdtempSync(join(tmpdir(), "weir-cli-"));
const written = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const sound = written(
  "sound.yaml",
  "sources:\n  in: { type: stdin }\nsinks:\n  gone: { type: blackhole, inputs: [in] }\n",
);
const broken = written(
  "broken.yaml",
  "sources:\n  in: { type: stdni }\nsinks:\n  gone: { type: blackhole, inputs: [in] }\n",
);
const unused = written(
  "unused.yaml",
  "sources:\n  in: { type: stdin }\n  more: { type: stdin }\nsinks:\n  gone: { type: blackhole, inputs: [in] }\n",
);

describe("validate", () => {
  it("says that all is well", async () => {
    expect(await weir("validate", sound)).toEqual({ code: 0, out: `${sound}: no errors · 2 components\n`, error: "" });
  });

  it("counts and lists what the file names, and not what reads a baseline", async () => {
    const file = written(
      "learning.yaml",
      "sources:\n  in: { type: stdin }\ntransforms:\n  all: { type: filter, inputs: [in], where: 'a: *' }\n  seen: { type: new_terms, inputs: [all], fields: [a], baseline: { from: [old.log] } }\nsinks:\n  gone: { type: blackhole, inputs: [seen] }\n",
    );
    expect((await weir("validate", file)).out).toBe(`${file}: no errors · 4 components\n`);
    const [{ components }] = JSON.parse((await weir("validate", "--json", file)).out);
    expect(components.map(({ id }: { readonly id: string }) => id)).toEqual(["in", "all", "seen", "gone"]);
  });

  it("says that a component has only named outputs, if an input does not name one", async () => {
    const file = written(
      "named.yaml",
      "sources:\n  in: { type: stdin }\ntransforms:\n  part: { type: route, inputs: [in], routes: { a: 'a: *' } }\nsinks:\n  gone: { type: blackhole, inputs: [part] }\n",
    );
    const { code, error } = await weir("validate", file);
    expect(code).toBe(78);
    expect(error).toContain('"part" has only named outputs. Its outputs are part.a, part.unmatched.');
  });

  it("reports the problems of each file on the error stream, and ends with 78", async () => {
    const { code, out, error } = await weir("validate", broken, sound);
    expect({ code, out }).toEqual({ code: 78, out: `${sound}: no errors · 2 components\n` });
    expect(error).toContain(`${broken}:2:15  error  "stdni" is not a source type. Did you mean "stdin"?`);
    expect(error).toContain("1 error, 0 warnings");
  });

  it("lets warnings pass", async () => {
    const { code, error } = await weir("validate", unused);
    expect(code).toBe(0);
    expect(error).toMatch(/warning {2}No component uses the output of "more"\.[\s\S]*0 errors, 1 warning/);
  });

  it("prints problems as JSON", async () => {
    const { code, out } = await weir("validate", "--json", broken, sound);
    const [first, second] = JSON.parse(out);
    expect(code).toBe(78);
    expect(first).toMatchObject({
      file: broken,
      ok: false,
      problems: [{ code: "config/unknown-type", line: 2, column: 15 }],
    });
    expect(second).toMatchObject({
      ok: true,
      problems: [],
      components: [{ id: "in", kind: "source", type: "stdin" }, {}],
    });
  });

  it("prints the pipeline with its defaults", async () => {
    const { out } = await weir("validate", "--print", sound);
    expect(out).toContain("max_line: 16MiB");
  });

  it("names a file that is not there", async () => {
    const { code, error } = await weir("validate", join(folder, "none.yaml"));
    expect(code).toBe(78);
    expect(error).toContain("cannot be read: it does not exist.");
  });
});

it("graph --plan says what sources look for in records, and who reads every event", async () => {
  const planned = async (name: string, where: string, sink: string) => {
    const file = written(
      `plan-${name}.yaml`,
      `sources: { in: { type: stdin, codec: json } }
transforms: { some: { type: filter, inputs: [in], where: "${where}" } }
sinks: { out: { type: blackhole, inputs: [${sink}] } }
`,
    );
    return (await weir("graph", "--plan", file)).out.trimEnd();
  };
  expect(
    await planned("one", "level:error and host.name:a*", "some"),
  ).toBe(`in (stdin): a record becomes an event if it may meet the only condition
  read from the bytes of records:
    level
    host.name`);
  const lines = written(
    "plan-lines.yaml",
    `sources: { in: { type: stdin, codec: text } }
transforms:
  ecs: { type: kubernetes_audit, inputs: [in] }
  some: { type: filter, inputs: [ecs], where: "user.name:ada" }
sinks: { out: { type: blackhole, inputs: [some] } }
`,
  );
  expect((await weir("graph", "--plan", lines)).out).toContain(
    "  read from the bytes of records, also of those in lines of a container runtime:\n    user.username",
  );
  expect(await planned("two", "level:error or code:7", "some")).toContain("one of 2 conditions");
  expect(await planned("not", "not level:error", "some")).toBe(`in (stdin): every record becomes an event
  in: where of "some" may match any record`);
  expect(await planned("sink", "level:error", "some, in")).toContain("  out: it writes every event");
});

it("graph draws a pipeline, or reports its problems", async () => {
  expect((await weir("graph", sound)).out).toContain('c0(["in<br/>stdin"])');
  expect((await weir("graph", broken)).code).toBe(78);
});

it("list names every plugin", async () => {
  const { out } = await weir("list");
  for (const { name, summary } of [...plugins, ...codecs])
    expect(out.split("\n").some((line) => line.startsWith(`  ${name} `) && line.endsWith(`  ${summary}`))).toBe(true);
  expect(JSON.parse((await weir("list", "--json")).out)).toHaveLength(plugins.length + codecs.length);
});

describe("rules", () => {
  it("lists and shows the rules that come with weir", async () => {
    const rules = JSON.parse((await weir("rules", "list", "--json")).out) as { name: string; title: string }[];
    expect(rules.length).toBeGreaterThan(0);
    for (const { name, title } of rules) {
      expect((await weir("rules", "list")).out).toContain(name);
      expect((await weir("rules", "show", name)).out).toContain(title);
    }
  });

  it("hints at the rule that was meant", async () => {
    const [{ name }] = JSON.parse((await weir("rules", "list", "--json")).out);
    expect(await weir("rules", "show", `${name}s`)).toMatchObject({
      code: 2,
      error: `There is no rule "${name}s". Did you mean "${name}"?\n`,
    });
  });

  const events = () => written("events.ndjson", "{}\n");
  it.each([
    ["list", () => []],
    ["check", () => []],
    ["test", () => []],
    ["show", () => []],
    ["coverage", () => []],
    ["explain", () => ["--event", events()]],
  ] as const)("%s says of a path that there is no file, and of a name that there is no rule", async (command, more) => {
    const ask = async (rule: string) => await weir("rules", command, rule, ...more());
    expect(await ask("nope.yaml")).toMatchObject({ code: 2, error: 'There is no rule file at "nope.yaml".\n' });
    expect(await ask("no/*.toml")).toMatchObject({ code: 2, error: 'There is no rule file at "no/*.toml".\n' });
    const empty = join(dirname(events()), "no-rules");
    mkdirSync(empty, { recursive: true });
    expect(await ask(empty)).toMatchObject({ code: 2, error: `There is no rule file at "${empty}".\n` });
    expect(await ask("nope")).toMatchObject({
      code: 2,
      error: 'There is no rule "nope". `weir rules list` lists them.\n',
    });
  });

  it("a path that no file can have is one at which there is none", async () => {
    const long = `./${"x".repeat(5_000)}`;
    for (const path of [`${long}.yaml`, `${long}/*.toml`])
      expect((await weir("rules", "check", path)).error).toBe(`There is no rule file at "${path}".\n`);
    const pipeline = written(
      "impossible-paths.yaml",
      `plugins: [${long}.ts, "./\\0.ts"]\nsources:\n  in: { type: stdin }\ntransforms:\n  see: { type: detection, inputs: [in], rules: [${long}, "./\\0.yaml", "\\0*"] }\nsinks:\n  gone: { type: blackhole, inputs: [see] }\n`,
    );
    const { code, error } = await weir("validate", pipeline);
    expect(code).toBe(78);
    expect(error.match(/There is no file/g)?.length).toBe(2);
    expect(error.match(/There is no rule|No rule of/g)?.length).toBe(3);
  });

  it("explain says the same when it is asked about a pipeline", async () => {
    const pipeline = written(
      "one-rule.yaml",
      "sources:\n  in: { type: stdin }\ntransforms:\n  see: { type: detection, inputs: [in], rules: [kubernetes_exec_into_pod] }\nsinks:\n  gone: { type: blackhole, inputs: [see] }\n",
    );
    const explain = (rule: string) => weir("rules", "explain", rule, "--event", events(), "--pipeline", pipeline);
    expect((await explain("nope.yaml")).error).toBe('There is no rule file at "nope.yaml".\n');
    expect((await explain("nope")).error).toBe('The pipeline does not run the rule "nope".\n');
  });

  it("reports the problems of a rule file, also through a pipeline beside it", async () => {
    const rule = written("night.yaml", "title: Night\n");
    expect((await weir("rules", "show", rule)).code).toBe(78);
    const pipeline = written(
      "night-pipeline.yaml",
      "sources:\n  in: { type: stdin }\ntransforms:\n  see: { type: detection, inputs: [in], rules: [./night.yaml] }\nsinks:\n  gone: { type: blackhole, inputs: [see] }\n",
    );
    const { code, error } = await weir("validate", pipeline);
    expect(code).toBe(78);
    expect(error).toContain('The rule "./night.yaml" cannot be used: its file has errors.');
    expect(error).toContain(`${rule}:1:1  error  A rule needs the option "id".`);
    expect(error).toContain("> 1 │ title: Night");
  });
});

describe("usage", () => {
  it.each([
    [["vaildate"], "Did you mean validate?"],
    [["validate"], "missing required argument"],
    [["check", sound], "unknown command 'check'\n(Did you mean validate?)\n(weir --help lists the commands)"],
    [["help", "stauts"], "unknown command 'stauts'\n(Did you mean status?)\n(weir --help lists the commands)"],
    [["help", "xyzzy"], "unknown command 'xyzzy'\n(weir --help lists the commands)"],
    [["rules", "lint"], "unknown command 'lint'\n(Did you mean list?)\n(weir rules --help lists the commands)"],
    [["run", "-c", sound], "(Name the pipeline file without an option: weir run FILE)"],
    [["--config", sound], "(Name the pipeline file without an option: weir run FILE)"],
    [["status", "--config", sound], "unknown option '--config'\n(weir status --help describes the command)"],
    [["run", sound, sound], "(weir run --help describes the command)"],
    [["dead-letters", "show"], "(weir dead-letters show --help describes the command)"],
    [["graph", "--josn", sound], "unknown option"],
    [["run", "--drain", "soon", sound], "Give a duration such as 500ms, 30s or 5m."],
    [["run", "--dead-letter-size", "0", sound], "Give a size above zero such as 512KiB, 64MiB or 1GiB."],
    [["run", "--drain", "1m30s", sound], "Write 90s."],
    [[], "Usage: weir"],
  ])("%j ends with 2", async (argv, words) => {
    const { code, error } = await weir(...argv);
    expect(code).toBe(2);
    expect(error).toContain(words);
  });

  it("prints help and version, which is well", async () => {
    expect(await weir("--help")).toMatchObject({ code: 0, out: expect.stringContaining("Usage: weir") });
    expect(await weir("--version")).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it("prints the help of a command", async () => {
    expect(await weir("help", "status")).toEqual(await weir("status", "--help"));
    expect(await weir("help")).toEqual(await weir("--help"));
    expect(await weir("help", "help")).toMatchObject({ code: 2 });
  });

  it("run does not start what is not checked", async () => {
    expect((await weir("run", broken)).code).toBe(78);
  });
});

it("a loaded file has its topology and, for frames, its text", async () => {
  const loaded = await loadPipelineFile(sound);
  expect(loaded.ok && loaded.value.topology.components.map(({ id }) => id)).toEqual(["in", "gone"]);
  expect(loaded.textOf(sound)).toContain("blackhole");
});
