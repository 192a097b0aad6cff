import { type PluginText, pluginText, type Scaffold } from "./plugin.ts";
import { ruleText } from "./rule.ts";

/** Files by their paths. */
export type Files = Readonly<Record<string, string>>;

/** A package with one plugin: with types, tests, a README and CI, ready to be published. */
export const packageFiles = (kind: Scaffold, name: string): Files => {
  const folder = `weir-plugin-${name.replaceAll("_", "-")}`;
  const { plugin, test } = textOf(kind, name);
  const isRule = kind === "rule";
  const used = `${name.replaceAll("_", "-")}/${name}`;
  return prefixed(folder, {
    "package.json": json(manifest(folder, kind)),
    "tsconfig.json": json(tsconfig),
    ".gitignore": "node_modules/\ndist/\n",
    ".github/workflows/ci.yml": workflow,
    "README.md": readme(folder, kind, used),
    "src/index.ts": plugin,
    "test/plugin.test.ts": test,
    ...(isRule && { [`rules/${name}.yaml`]: ruleText(name) }),
  });
};

const textOf = (kind: Scaffold, name: string): PluginText =>
  kind === "rule" ? { plugin: ruleIndex, test: ruleTest } : pluginText(kind, name, "../src/index.ts");

const prefixed = (folder: string, files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

const manifest = (name: string, kind: Scaffold) => ({
  name,
  version: "0.1.0",
  description: `A ${kind} for weir.`,
  keywords: ["weir", "weir-plugin"],
  license: "Apache-2.0",
  type: "module",
  engines: { node: ">=24" },
  exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
  files: ["dist", ...(kind === "rule" ? ["rules"] : [])],
  scripts: { build: "tsc", test: "node --test test/*.test.ts", prepack: "npm run build && npm test" },
  peerDependencies: { weir: "*" },
  // npm would install a peer that is not there yet: the plugin gets the weir that runs it, wherever that is.
  peerDependenciesMeta: { weir: { optional: true } },
  devDependencies: { "@types/node": "^24.0.0", typescript: ">=5.9" },
});

const tsconfig = {
  compilerOptions: {
    target: "es2024",
    module: "nodenext",
    strict: true,
    declaration: true,
    erasableSyntaxOnly: true,
    rewriteRelativeImportExtensions: true,
    rootDir: "src",
    outDir: "dist",
    types: ["node"],
  },
  include: ["src"],
};

const workflow = `name: ci
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 24 }
      - run: npm install
      - run: npm run build
      - run: npm test
`;

const readme = (folder: string, kind: Scaffold, used: string): string => `# ${folder}

A ${kind} for [weir](https://github.com/weir).

\`\`\`sh
npm i ${folder}
\`\`\`

\`\`\`yaml
plugins: [${folder}]
${usage(kind, used)}
\`\`\`

To work on it: \`npm install\`, then \`npm test\`. \`npm run build\` writes \`dist/\`, which is what is published.
`;

const usage = (kind: Scaffold, used: string): string => {
  if (kind === "rule") return `transforms:\n  detect:\n    type: detection\n    inputs: [events]\n    rules: [${used}]`;
  if (kind === "codec") return `sources:\n  in:\n    type: stdin\n    codec: ${used}`;
  return `${kind}s:\n  mine:\n    type: ${used}`;
};

const ruleIndex = `import { defineRules } from "weir/detection";

export const rules = defineRules({ folder: new URL("../rules/", import.meta.url) });
`;

const ruleTest = `import { testRules } from "weir/testing";

testRules(new URL("../rules/", import.meta.url));
`;
