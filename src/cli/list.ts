import { loadedPlugins } from "./loaded-plugins.ts";
import { exit, type Terminal } from "./terminal.ts";

const kinds = ["source", "transform", "sink", "codec"] as const;

/** Prints the component types, by kind, with those that a pipeline file can use. */
export const list = async (
  file: string | undefined,
  { json = false }: { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> => {
  const loaded = await loadedPlugins(file, terminal);
  if (!loaded) return exit.config;
  const plugins = [...loaded.plugins, ...loaded.codecs];
  const types = kinds.flatMap((kind) => plugins.filter((plugin) => plugin.kind === kind));
  if (json) {
    const entries = types.map(({ kind, name, summary }) => ({ kind, name, summary }));
    terminal.out(`${JSON.stringify(entries, undefined, 2)}\n`);
    return exit.success;
  }
  const width = Math.max(...types.map(({ name }) => name.length));
  const sections = kinds.map((kind) => {
    const rows = types.filter((plugin) => plugin.kind === kind);
    return [`${kind}s`, ...rows.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)].join("\n");
  });
  terminal.out(`${sections.join("\n\n")}\n`);
  return exit.success;
};
