import { fileURLToPath } from "node:url";
import type { CodeSplittingGroup, Plugin } from "rolldown";

const pathOf = (source: string) => fileURLToPath(new URL(`../${source}`, import.meta.url));

/** What a start loads one after the other, by what it imports first. Each gets what those before it do not have. */
const steps = {
  command: ["src/cli/main.ts"],
  storage: ["src/storage/commit-worker.ts", "src/storage/writer.ts"],
  pipeline: ["src/cli/load-file.ts", "src/cli/report-problems.ts", "src/index.ts"],
  run: ["src/cli/run.ts"],
  detection: ["src/cli/rule-files.ts", "plugins/transforms/detection.ts"],
} as const;

/**
 * Puts together what is always loaded together: each file costs a start a third of a millisecond, beside its code. What is loaded on
 * demand, such as a plugin, is left to Rolldown.
 */
export const chunks = (): { readonly plugin: Plugin; readonly groups: CodeSplittingGroup[] } => {
  const closures = new Map<string, ReadonlySet<string>>();
  const plugin: Plugin = {
    name: "chunks",
    buildEnd() {
      for (const [name, roots] of Object.entries(steps)) {
        const reached = new Set<string>(roots.map(pathOf));
        for (const id of reached)
          for (const imported of this.getModuleInfo(id)?.importedIds ?? []) reached.add(imported);
        closures.set(name, reached);
      }
    },
  };
  const has = (name: string, id: string) => closures.get(name)?.has(id) === true;
  const groups = Object.keys(steps).map((name) => ({ name, test: (id: string) => has(name, id) }));
  // The thread that commits does not need the command line, nor `weir --version` the database.
  const shared = { name: "shared", test: (id: string) => has("command", id) && has("storage", id) };
  return { plugin, groups: [shared, ...groups] };
};
