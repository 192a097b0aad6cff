import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A file, what it imports (or imports types of), and the rule that must refuse it; without a rule, it is allowed. */
const planted: readonly (readonly [file: string, imported: string, rule?: string])[] = [
  ["src/runtime/a.ts", "../../plugins/index.ts", "noRestrictedImports"],
  ["src/cli/b.ts", "../../plugins/sinks/file.ts", "noRestrictedImports"],
  ["src/cli/plugins.ts", "../../plugins/index.ts"],
  ["src/cli/named-plugins.ts", "../../plugins/loaders.ts"],
  ["src/runtime/c.ts", "../testing/index.ts", "noRestrictedImports"],
  ["src/runtime/d.test.ts", "../testing/index.ts"],
  ["src/config/e.ts", "node:fs", "noNodejsModules"],
  ["src/topology/f.ts", "node:path", "noNodejsModules"],
  ["src/kql/types/g.ts", "node:crypto", "noNodejsModules"],
  ["src/eql/sequence/a.ts", "node:crypto", "noNodejsModules"],
  ["src/option/a.ts", "node:fs", "noNodejsModules"],
  ["src/fields/i.ts", "node:net", "noNodejsModules"],
  ["src/rules/j.ts", "node:fs", "noNodejsModules"],
  ["src/pipeline-tests/compare/i.ts", "node:fs", "noNodejsModules"],
  ["src/pipeline-tests/format/j.ts", "../../runtime/c.ts", "noRestrictedImports"],
  ["src/pipeline-tests/report/k.ts", "node:fs", "noNodejsModules"],
  ["src/pipeline-tests/run/l.ts", "node:fs"],
  ["src/reference/k.ts", "node:fs", "noNodejsModules"],
  ["src/detection/l.ts", "node:crypto", "noNodejsModules"],
  ["src/template/z.ts", "node:fs", "noNodejsModules"],
  ["src/config/m.ts", "../runtime/c.ts", "noRestrictedImports"],
  ["src/detection/n.ts", "../../plugins/index.ts", "noRestrictedImports"],
  ["src/config/o.test.ts", "node:fs"],
  ["src/config/q.ts", "../rules/load.ts", "noRestrictedImports"],
  ["src/config/r.ts", "../runtime/c.ts", "noRestrictedImports"],
  ["src/detection/s.ts", "../rules/load.ts", "noRestrictedImports"],
  ["src/detection/query/t.ts", "../../config/load.ts", "noRestrictedImports"],
  ["src/detection/u.ts", "../kql/index.ts"],
  ["src/detection/v.ts", "../storage/writer.ts", "noRestrictedImports"],
  ["src/rules/w.ts", "../config/load.ts"],
  ["src/rules/x.ts", "../detection/rule.ts"],
  ["src/cli/p.ts", "node:fs"],
  ["plugins/sinks/q.ts", "./file.ts", "noRestrictedImports"],
  ["plugins/sinks/r.ts", "../../src/plugin.ts", "noRestrictedImports"],
  ["plugins/sinks/s.ts", "weir/testing", "noRestrictedImports"],
  ["plugins/sinks/t.ts", "weir"],
  ["plugins/sinks/a.ts", "weir/http"],
  ["plugins/sinks/b.ts", "weir/websocket"],
  ["plugins/sinks/g.ts", "weir/socket"],
  ["plugins/sinks/c.ts", "weir/detection"],
  ["plugins/sinks/d.ts", "weir/kql"],
  ["plugins/sinks/e.ts", "weir/rxjs"],
  ["plugins/sinks/f.ts", "weir/fields"],
  ["plugins/sinks/d.test.ts", "weir/testing"],
  ["plugins/sinks/t.test.ts", "./t.ts"],
  ["plugins/sources/u/index.ts", "./read.ts"],
  ["plugins/sources/v/index.ts", "../u/read.ts", "noRestrictedImports"],
  ["plugins/sources/e/index.ts", "weir/http"],
  ["plugins/sources/f/index.ts", "weir/kql"],
  ["plugins/sources/g/index.ts", "weir/testing", "noRestrictedImports"],
  ["plugins/sources/w/index.ts", "../../../src/plugin.ts", "noRestrictedImports"],
  ["plugins/sources/w/part/aa.ts", "../read.ts"],
  ["plugins/sources/w/part/ab.ts", "../other/read.ts"],
  ["plugins/sources/w/part/ac.ts", "./read.ts"],
  ["plugins/sources/w/part/ad.ts", "../../v/read.ts", "noRestrictedImports"],
  ["plugins/sources/w/part/ae.ts", "../../stdin.ts", "noRestrictedImports"],
  ["plugins/sources/w/part/af.ts", "../../../../src/plugin.ts", "noRestrictedImports"],
  ["plugins/sources/w/part/ag.ts", "weir/testing", "noRestrictedImports"],
  ["plugins/sources/w/part/ah.test.ts", "weir/testing"],
  ["plugins/sources/w/part/deep/ai.ts", "../../../v/read.ts", "noRestrictedImports"],
  ["plugins/transforms/kubernetes_audit/index.ts", "node:zlib"],
  ["plugins/transforms/kubernetes_audit/a.ts", "node:zlib", "noNodejsModules"],
  ["plugins/transforms/kubernetes_audit/b.ts", "../../../src/json.ts", "noRestrictedImports"],
  ["plugins/transforms/kubernetes_audit/c.ts", "weir/fields"],
  ["plugins/transforms/kubernetes_audit/d.test.ts", "node:fs"],
  ["src/runtime/x.ts", "./y.ts", "noImportCycles"],
  ["src/runtime/y.ts", "./x.ts", "noImportCycles"],
  ["src/storage/a.ts", "type ./b.ts", "noImportCycles"],
  ["src/storage/b.ts", "./a.ts", "noImportCycles"],
];

const folder = mkdtempSync(join(tmpdir(), "weir-arrows-"));
const reported = new Map<string, string[]>();

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

const textOf = (file: string, imported: string): string => {
  const name = /\w(?=\.)/.exec(file);
  const [, path] = /^type (.*)/.exec(imported) ?? [];
  return path
    ? `import type { thing } from "${path}";\n\nexport type ${name} = typeof thing;\n`
    : `import { thing } from "${imported}";\n\nexport const ${name} = thing;\n`;
};

beforeAll(() => {
  const { $schema, ...config } = JSON.parse(readFileSync(join(root, "biome.json"), "utf8"));
  write("biome.json", JSON.stringify({ ...config, vcs: { enabled: false } }));
  for (const [file, imported] of planted) write(file, textOf(file, imported));
  const { stdout } = spawnSync(
    join(root, "node_modules/.bin/biome"),
    ["lint", "--reporter=json", "--max-diagnostics=none", "."],
    { cwd: folder, encoding: "utf8" },
  );
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { category: string; location: { path: unknown } }[] };
  for (const { category, location } of diagnostics) {
    const { path } = location;
    const file = typeof path === "string" ? path : (path as { file: string }).file;
    reported.set(file, [...(reported.get(file) ?? []), category.split("/").at(-1) ?? ""]);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

it.each(planted.map(([file, imported, rule]) => ({ file, imported, rule })))(
  "$file imports $imported: $rule",
  ({ file, rule }) => {
    expect(reported.get(file) ?? []).toEqual(rule ? [rule] : []);
  },
);
