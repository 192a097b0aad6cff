import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";

/** What runs in a process of Node's own, because Vitest has its own import(). `show` prints a line of JSON. */
const prelude = `
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadPluginModules } from ${JSON.stringify(new URL("./load.ts", import.meta.url).href)};
const folder = process.env.FOLDER;
const write = (name, text) => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
};
const definition = (summary) =>
  \`{ kind: "transform", api: 1, name: "marked", summary: \${summary}, options: {}, each: () => (event) => event }\`;
const load = async (entry) => (await loadPluginModules([entry], join(folder, "pipeline.yaml"))).get(entry);
const show = (value) => console.log(JSON.stringify(value));
`;

const inNode = (script: string): readonly unknown[] => {
  const folder = mkdtempSync(join(tmpdir(), "weir-modules-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=weir-source", "--input-type=module", "-e", prelude + script],
    { encoding: "utf8", env: { ...process.env, FOLDER: folder } },
  );
  expect(stderr).toBe("");
  const lines = stdout.replaceAll(folder, "").trim().split("\n");
  return lines.map((line) => JSON.parse(line));
};

it("an unchanged module is the same object; an edited one, or one whose import was edited, is imported anew", () => {
  const shown = inNode(`
    write("lib/words.ts", 'export const words: string = "one";');
    write("lib/between.ts", 'export { words } from "./words.ts";');
    write("marked.ts", 'import { words } from "./lib/between.ts"; export default ' + definition("words"));
    const first = await load("./marked.ts");
    show(first.files);
    show(first.plugins[0].summary);
    for (const word of ["two", "three", "one"]) {
      write("lib/words.ts", 'export const words: string = "' + word + '";');
      const edited = await load("./marked.ts");
      const again = await load("./marked.ts");
      show([edited.plugins[0].summary, again.plugins[0] === edited.plugins[0]]);
    }`);
  expect(shown).toEqual([
    ["/marked.ts", "/lib/between.ts", "/lib/words.ts"],
    "one",
    ["two", true],
    ["three", true],
    ["one", true],
  ]);
});

it("a module that could not be imported is tried again, and errors name its file without a query", () => {
  const shown = inNode(`
    write("marked.js", "export default {;");
    show((await load("./marked.js")).flaws[0].message);
    show((await load("./marked.js")).flaws[0].message);
    write("marked.js", 'throw new Error("not today");');
    show((await load("./marked.js")).flaws[0].message);
    write("marked.js", 'import "./missing.js"; export default 1;');
    show((await load("./marked.js")).flaws[0].message);
    write("marked.js", 'export default ' + definition('"whole"'));
    const whole = (await load("./marked.js")).plugins[0];
    write("marked.js", "export default {;");
    await load("./marked.js");
    write("marked.js", 'export default ' + definition('"whole"'));
    show((await load("./marked.js")).plugins[0] === whole);
    write("missing.js", "");
    write("marked.js", 'import "./missing.js"; export default ' + definition('"at last"'));
    show((await load("./marked.js")).plugins[0].summary);`);
  const unexpected = `"/marked.js" failed while it was loaded: Unexpected token ';' (/marked.js:1)`;
  expect(shown).toEqual([
    unexpected,
    unexpected,
    `"/marked.js" failed while it was loaded: not today (/marked.js:1)`,
    `"/marked.js" failed while it was loaded: Cannot find module '/missing.js' imported from /marked.js`,
    true,
    "at last",
  ]);
});

it("of a package, the files in its folder are imported anew, also CommonJS, and those of other packages are not", () => {
  const shown = inNode(`
    const modules = "node_modules/";
    write(modules + "weir-plugin-acme/package.json", '{ "name": "weir-plugin-acme", "exports": "./index.cjs" }');
    write(modules + "other/package.json", '{ "name": "other", "exports": "./index.cjs" }');
    write(modules + "other/index.cjs", "exports.mark = {};");
    write(modules + "weir-plugin-acme/words.cjs", 'exports.words = "one";');
    write(modules + "weir-plugin-acme/index.cjs", 'const { words } = require("./words.cjs"); const { mark } = require("other"); exports.plugin = { ...' + definition("words") + ', mark };');
    const first = (await load("weir-plugin-acme")).plugins[0];
    show([first.name, first.summary]);
    write(modules + "weir-plugin-acme/words.cjs", 'exports.words = "two";');
    const edited = (await load("weir-plugin-acme")).plugins[0];
    show([edited.summary, edited.mark === first.mark]);`);
  expect(shown).toEqual([
    ["acme/marked", "one"],
    ["two", true],
  ]);
});
