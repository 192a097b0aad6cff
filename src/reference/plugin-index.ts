/** A plugin's file, as a path from the plugins folder such as `sources/file/index.ts`. */
export interface PluginFile {
  readonly path: string;
  readonly kind: "source" | "transform" | "sink";
  readonly name: string;
}

/** What a path under the plugins folder says of a plugin: `undefined` for tests, rules and parts of a plugin. */
export const pluginFile = (path: string): PluginFile | undefined => {
  const [, kind, name] = /^(source|transform|sink)s\/([a-z][a-z0-9_]*)(?:\.ts|\/index\.ts)$/.exec(path) ?? [];
  return kind && name ? { path, kind: kind as PluginFile["kind"], name } : undefined;
};

/** The text of plugins/index.ts: every plugin by name, sorted, so that it can be searched and bundled. */
export const pluginIndex = (files: readonly PluginFile[]): string => {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const imports = sorted.map((file) => `import ${variableOf(file)} from "./${file.path}";`);
  const list = sorted.map((file) => `  ${variableOf(file)},`);
  return `// Written by \`npm run generate\`: do not edit.
import type { Plugin } from "weir";
${imports.join("\n")}

/** Every plugin that comes with weir. */
export const plugins: readonly Plugin[] = [
${list.join("\n")}
];
`;
};

/** `http_server` under sources is `httpServerSource`: a name may be there once for each kind. */
const variableOf = ({ name, kind }: PluginFile): string =>
  name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()) + kind.charAt(0).toUpperCase() + kind.slice(1);
