import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { root, runWeir, temporaryFolder } from "./weir.ts";

/** Writes files into a new folder, outside of the checkout; gives its path. */
const folderWith = (files: Readonly<Record<string, string>>): string => {
  const folder = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
};

const manifest = (name: string, exports = "./index.js") =>
  JSON.stringify({ name, version: "1.0.0", type: "module", exports });

const counter = `
import { defineSource, option } from "weir";
export const counter = defineSource({
  name: "counter", summary: "Counts.", options: { to: option.integer("The last number.") }, decoding: { codec: "json" },
  async *read({ config }) {
    const lines = Array.from({ length: config.to }, (_, n) => JSON.stringify({ n }) + "\\n");
    yield { stream: "n", position: 0, bytes: Buffer.from(lines.join("")) };
  },
});`;

const label = `
import { defineTransform, option, withData, type Event } from "weir";
import { filterEvents } from "weir/rxjs";
import { map } from "rxjs";
type Labelled = Event & { readonly label?: string };
export const label = defineTransform({
  name: "label", summary: "Labels.", options: { text: option.text("The label.") },
  each: ({ config: { text } }) => (event: Labelled) => withData(event, { ...event.data, label: text as string }),
});
export default [defineTransform({
  name: "odd", summary: "Keeps odd numbers.", options: {},
  create: () => filterEvents((event) => Number(event.data["n"]) % 2 === 1, "even"),
})];
export const unrelated = map;`;

const pipeline = `
plugins: [weir-plugin-acme, "@acme/weir-plugin-maps", ./sub/label.ts, ./weir-plugin-own]
sources:
  c: { type: acme/counter, to: 4 }
transforms:
  o: { type: odd, inputs: [c] }
  l: { type: label, inputs: [o], text: here }
  m: { type: acme/maps/mark, inputs: [l] }
  n: { type: own/mark, inputs: [m] }
sinks:
  out: { type: console, inputs: [n] }
`;

const mark = (name: string) => `
import { defineTransform, withData } from "weir";
export const mark = defineTransform({
  name: "mark", summary: "Marks.", options: {}, each: () => (event) => withData(event, { ...event.data, ${name}: true }),
});`;

const sound = {
  "pipeline.yaml": pipeline,
  "sub/label.ts": label,
  "node_modules/weir-plugin-acme/package.json": manifest("weir-plugin-acme"),
  "node_modules/weir-plugin-acme/index.js": counter,
  "node_modules/@acme/weir-plugin-maps/package.json": manifest("@acme/weir-plugin-maps"),
  "node_modules/@acme/weir-plugin-maps/index.js": mark("maps"),
  "weir-plugin-own/package.json": manifest("weir-plugin-own", "./src/main.ts"),
  "weir-plugin-own/src/main.ts": mark("own"),
};

it("a pipeline runs plugins of packages and files, in a folder where weir is not installed", async () => {
  const folder = folderWith(sound);
  const { code, out } = await runWeir(["run", join(folder, "pipeline.yaml"), "--temporary"]);
  const event = (n: number) => JSON.stringify({ n, label: "here", maps: true, own: true });
  expect({ code, out }).toEqual({ code: 0, out: `${event(1)}\n${event(3)}\n` });
});

it("the commands know the plugins of a pipeline", async () => {
  const file = join(folderWith(sound), "pipeline.yaml");
  const list = await runWeir(["list", file, "--json"]);
  const types = JSON.parse(list.out) as { readonly name: string }[];
  expect(types.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["acme/counter", "odd", "label", "acme/maps/mark", "own/mark", "filter"]),
  );
  expect((await runWeir(["show", "acme/counter", file])).out).toContain(
    "| `to` | The last number. *A whole number.* | required |",
  );
  const schema = JSON.parse((await runWeir(["schema", file])).out) as { readonly definitions: object };
  expect(Object.keys(schema.definitions)).toEqual(expect.arrayContaining(["source.acme/counter", "transform.label"]));
  expect((await runWeir(["graph", file])).out).toContain("acme/counter");
  const printed = await runWeir(["validate", "--print", file]);
  expect(printed.out).toContain("plugins:\n  - weir-plugin-acme\n");
  const missing = await runWeir(["show", "counter", file]);
  expect(missing.log[0]?.msg).toBe('There is no component type "counter". Did you mean "acme/counter"?');
});

it("weir schema without a file prints the schema of the repository", async () => {
  const { out } = await runWeir(["schema"]);
  expect(out).toBe(readFileSync(join(root, "schema/pipeline.json"), "utf8"));
});

it("a module brings codecs, rules and rule types", async () => {
  const rule = readFileSync(join(root, "plugins/rules/kubernetes_secret_access_unusual_user_agent.yaml"), "utf8");
  const parts = `
import { defineCodec, option } from "weir";
import { defineRules, defineRuleType } from "weir/detection";
export const kv = defineCodec({
  name: "kv", summary: "Reads pairs.", options: { between: option.text("What is between.", { default: "=" }) },
  decode: ({ config }) => (text, bytes) => {
    const [name, value] = text.split(config.between);
    if (value === undefined) throw new Error("no pair in " + bytes.length + " bytes");
    return value === "big" ? { value: 1n } : { [name]: value };
  },
});
export const rules = defineRules({ folder: new URL("./rules/", import.meta.url) });
export const every = defineRuleType({
  name: "nth", options: { nth: option.integer("Which one.") }, silences: ["counted"],
  detector: ({ nth }, { state }) => (event) => {
    const n = Number(state.get("n") ?? 0) + 1;
    state.set("n", String(n));
    return n % nth === 0 ? [event] : "counted";
  },
  alertFields: () => ({ "kibana.alert.rule.type": "nth" }),
  testAlert: { option: (text) => option.text(text), of: () => "one" },
});`;
  const nth = rule
    .replace(/^id: .*$/m, "id: 930f1a8c-d8e1-498f-b907-6aa2d1d94f00")
    .replace(/type: new_terms/, "type: acme/nth\nnth: 2")
    .replace(/^new_terms:\n( .*\n)+/m, "")
    .replace(/^query: [^\n]*\n( .*\n)*/m, "query: 'a:*'\n")
    .replace(/^tests:\n[\s\S]*$/m, "");
  const folder = folderWith({
    "pipeline.yaml": `
plugins: [weir-plugin-acme]
sources: { in: { type: stdin, codec: acme/kv, codec_options: { between: ":" } } }
transforms: { d: { type: detection, inputs: [in], rules: [acme/second, acme/usual] } }
sinks: { out: { type: console, inputs: [d] } }`,
    "node_modules/weir-plugin-acme/package.json": manifest("weir-plugin-acme"),
    "node_modules/weir-plugin-acme/index.js": parts,
    "node_modules/weir-plugin-acme/rules/usual.yaml": rule,
    "node_modules/weir-plugin-acme/rules/second.yaml": nth,
  });
  const input = "a:1\na:2\nnone\na:big\na:3\na:4\n";
  const { code, out, log } = await runWeir(["run", join(folder, "pipeline.yaml"), "--temporary"], { input });
  expect(log.filter(({ component }) => component === "").map(({ msg }) => msg)).toEqual([]);
  const alerts = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(alerts.map((alert) => [alert["a"], alert["kibana.alert.rule.type"]])).toEqual([
    ["2", "nth"],
    ["4", "nth"],
  ]);
  expect(code).toBe(0);
  const words = log.map(({ msg }) => msg).join("\n");
  expect(words).toContain('the codec "acme/kv" cannot read the record: no pair in 4 bytes');
  expect(words).toContain("6 received, 4 sent, 2 to the dead letter (codec_error)");
});

it("each module that cannot be used is reported with its own place and the way out", async () => {
  const definition = (words: string) => `{ api: 1, summary: "S.", options: {}, ${words} }`;
  const modules: readonly (readonly [entry: string, text: string | undefined, message: string])[] = [
    [
      "weir-plugin-nope",
      undefined,
      'The package "weir-plugin-nope" is not installed. Run `npm i weir-plugin-nope` in "FOLDER".',
    ],
    ["./none.ts", undefined, 'There is no file "FOLDER/none.ts".'],
    [
      "plain.js",
      "",
      '"plain.js" is not installed. Run `npm i plain.js` in "FOLDER". If you mean the path, write ./plain.js.',
    ],
    [
      "./syntax.js",
      "const x = 1;\nconst = 5;\n",
      "\"FOLDER/syntax.js\" failed while it was loaded: Unexpected token '=' (FOLDER/syntax.js:2).",
    ],
    [
      "./throws.ts",
      '\nthrow new Error("boom");',
      '"FOLDER/throws.ts" failed while it was loaded: boom (FOLDER/throws.ts:2).',
    ],
    ["./text.js", 'throw "boom"', '"FOLDER/text.js" failed while it was loaded: boom.'],
    ["./enum.ts", "enum A { B }", "Use only types that can be erased"],
    [
      "./needs.js",
      'import "nowhere";',
      '"FOLDER/needs.js" needs the package "nowhere", which is not installed. Run `npm i nowhere`.',
    ],
    ["./name.js", 'import { nothing } from "weir";', "does not provide an export named 'nothing' (FOLDER/name.js:1)"],
    ["./empty.js", "export const hello = 1;", '"./empty.js" exports no plugin, but 1 other value: hello.'],
    [
      "./old.js",
      `export default ${definition('kind: "sink", name: "s", open() {}').replace("api: 1", "api: 7")};`,
      'The plugin "s" of "FOLDER/old.js" is written for version 7 of the plugin API, and this weir has version 1. Update weir',
    ],
    [
      "./spelt.js",
      `export default ${definition('kind: "sink", name: "My-Sink", open() {}')};`,
      "must be in snake_case",
    ],
    [
      "./bare.js",
      `export default ${definition('kind: "transform", name: "t"')};`,
      'The plugin "t" of "FOLDER/bare.js" has no each, keep or create.',
    ],
    [
      "./two.js",
      `export default ${definition('kind: "transform", name: "t", each() {}, keep() {}')};`,
      "has each and keep. Keep one of them.",
    ],
    [
      "./option.js",
      `export default ${definition('kind: "sink", name: "s", open() {}').replace("options: {}", "options: { p: 1 }")};`,
      'The option "p" of the plugin "s" of "FOLDER/option.js" is not an option.',
    ],
    [
      "./kind.js",
      'export default { kind: "widget", name: "w", api: 1 };',
      'The plugin "w" of "FOLDER/kind.js" is a widget, which this weir does not know.',
    ],
    [
      "./secret.js",
      'import { defineCodec, option } from "weir"; export default defineCodec({ name: "c", summary: "S.", options: { key: option.secret("K.") }, decode() {} });',
      "has a secret among its options, which a codec cannot have",
    ],
    [
      "./rules.js",
      'export default { kind: "rules", api: 1, folder: new URL("./gone/", import.meta.url) };',
      'The folder "FOLDER/gone/" of rules of "FOLDER/rules.js" does not exist.',
    ],
    [
      "./same.js",
      `export default ${definition('kind: "transform", name: "filter", each() {}')};`,
      'The transform "filter" of "./same.js" has the same name as one that comes with weir.',
    ],
  ];
  const folder = folderWith({
    "pipeline.yaml": JSON.stringify({
      plugins: modules.map(([entry]) => entry),
      sources: { in: { type: "stdin" } },
      sinks: { out: { type: "console", inputs: ["in"] } },
    }),
    "package.json": '{ "type": "module" }',
    ...Object.fromEntries(modules.flatMap(([entry, text]) => (text === undefined ? [] : [[entry, text]]))),
  });
  const { code, out } = await runWeir(["validate", "--json", join(folder, "pipeline.yaml")]);
  const [{ problems }] = JSON.parse(out) as [
    { readonly problems: readonly { readonly message: string; readonly hint?: string }[] },
  ];
  const said = problems.map(({ message, hint }) => `${message} ${hint ?? ""}`.replaceAll(folder, "FOLDER"));
  expect(code).toBe(78);
  expect(said).toHaveLength(modules.length);
  for (const [, , message] of modules)
    expect(
      said.filter((words) => words.includes(message)),
      said.join("\n"),
    ).toHaveLength(1);
});

it("the example of a program that runs weir raises the alerts of the sample", () => {
  const { status, stdout } = spawnSync(process.execPath, [join(root, "examples/embedded/main.ts")], {
    encoding: "utf8",
  });
  const lines = stdout.trimEnd().split("\n");
  expect({ status, count: lines.length, last: lines.at(-1) }).toEqual({
    status: 0,
    count: 9,
    last: "finished: 8 alerts",
  });
});
