import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readLines, root, temporaryFolder } from "./weir.ts";

const kinds = ["source", "transform", "sink", "codec", "rule"] as const;
const bin = join(root, "bin/weir.js");

/** A command of a person: it knows nothing of the test runner here. */
const command = (cwd: string, args: readonly string[]) => {
  const { VITEST: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  return spawnSync(process.execPath, args, { cwd, env, encoding: "utf8" });
};

/** A folder in which weir is installed, with what `weir new` writes. */
const folderWith = (args: readonly string[] = [], own: readonly string[] = kinds): string => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/weir"));
  symlinkSync(join(root, "node_modules/@types"), join(folder, "node_modules/@types"));
  for (const kind of own)
    expect(command(folder, [bin, "new", kind, `my_${kind}`, ...args])).toMatchObject({ status: 0, stderr: "" });
  return folder;
};

/** The number of tests that node:test counted as passed; fails if one did not. */
const passed = ({ status, stdout }: ReturnType<typeof command>): number => {
  expect({ status, failed: /^. fail (\d+)$/m.exec(stdout)?.[1] }, stdout).toEqual({ status: 0, failed: "0" });
  return Number(/^. pass (\d+)$/m.exec(stdout)?.[1]);
};

describe("weir new", () => {
  it("writes plugins that pass their tests and run in a pipeline", () => {
    const folder = folderWith();
    const tests = readdirSync(join(folder, "plugins")).filter((name) => name.endsWith(".test.ts"));
    expect(tests).toHaveLength(4);
    expect(passed(command(join(folder, "plugins"), ["--test", ...tests]))).toBeGreaterThan(12);
    const pipeline = {
      plugins: kinds.slice(0, 4).map((kind) => `./plugins/my_${kind}.ts`),
      sources: {
        numbers: { type: "my_source", count: 2 },
        lines: { type: "stdin", codec: "my_codec", codec_options: { fields: ["user", "status"] }, origin: "never" },
      },
      transforms: {
        labelled: { type: "my_transform", inputs: ["numbers", "lines"], label: "x" },
        found: { type: "detection", inputs: ["labelled"], rules: ["rules/my_rule.yaml"] },
      },
      sinks: {
        kept: { type: "my_sink", inputs: ["labelled"], path: "out.ndjson" },
        alerts: { type: "blackhole", inputs: ["found"] },
      },
    };
    writeFileSync(join(folder, "pipeline.yaml"), JSON.stringify(pipeline));
    const run = spawnSync(process.execPath, [bin, "run", "pipeline.yaml", "--temporary"], {
      cwd: folder,
      encoding: "utf8",
      input: "marta,200\n",
    });
    expect(run.status, run.stderr).toBe(0);
    const events = readLines(join(folder, "out.ndjson"))
      .map((event) => JSON.stringify(event))
      .sort();
    expect(events).toEqual([
      '{"number":0,"label":"x"}',
      '{"number":1,"label":"x"}',
      '{"user":"marta","status":"200","label":"x"}',
    ]);
  });

  it("writes packages that build with strict types, pass their tests, and work as packages", () => {
    const folder = folderWith(["--package"]);
    for (const kind of kinds) {
      const path = join(folder, `weir-plugin-my-${kind}`);
      // The compiler and the tests take seconds for each.
      if (process.env["WEIR_LONG"] === undefined && kind !== "transform") {
        mkdirSync(join(path, "dist"));
        const source = readFileSync(join(path, "src/index.ts"), "utf8");
        writeFileSync(join(path, "dist/index.js"), stripTypeScriptTypes(source));
        continue;
      }
      expect(command(path, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."]), kind).toMatchObject({
        status: 0,
        stdout: "",
      });
      expect(passed(command(path, ["--test", "test/plugin.test.ts"])), kind).toBeGreaterThan(2);
    }
    const pipeline = {
      plugins: kinds.map((kind) => `./weir-plugin-my-${kind}`),
      sources: {
        numbers: {
          type: "my-source/my_source",
          codec: "my-codec/my_codec",
          codec_options: { fields: ["line"], separator: ";" },
        },
      },
      transforms: {
        found: { type: "detection", inputs: ["labelled"], rules: ["my-rule/my_rule"] },
        labelled: { type: "my-transform/my_transform", inputs: ["numbers"] },
      },
      sinks: { kept: { type: "my-sink/my_sink", inputs: ["found"], path: "x" } },
    };
    writeFileSync(join(folder, "pipeline.yaml"), JSON.stringify(pipeline));
    expect(command(folder, [bin, "validate", "pipeline.yaml"])).toMatchObject({
      status: 0,
      stdout: "pipeline.yaml: no errors · 4 components\n",
    });
  });

  it("says that the package of the test is not installed, and only then", () => {
    const needs = 'The test imports the package "weir", which is not installed here.';
    expect(command(temporaryFolder(), [bin, "new", "codec", "my_codec"]).stdout).toContain(needs);
    expect(command(folderWith([], []), [bin, "new", "codec", "my_codec"]).stdout).not.toContain(needs);
    expect(command(temporaryFolder(), [bin, "new", "rule", "my_rule"]).stdout).not.toContain(needs);
  });

  it("refuses a name that cannot be one, and never overwrites", () => {
    const folder = folderWith([], ["sink"]);
    expect(command(folder, [bin, "new", "sink", "MySink"])).toMatchObject({
      status: 2,
      stderr: '"MySink" cannot be the name of a sink: write it in snake_case, such as my_sink.\n',
    });
    const again = command(folder, [bin, "new", "sink", "my_sink"]);
    expect(again.status).toBe(1);
    expect(again.stderr).toContain('"plugins/my_sink.ts" exists already; nothing was written.');
    expect(command(folder, [bin, "new", "widget", "w"]).status).toBe(2);
  });
});
