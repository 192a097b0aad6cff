import { type Imported, importLines } from "../histories/import.ts";
import { keepingIn } from "../histories/sealed/maker.ts";
import { counted, printable } from "../text.ts";
import { linesOf } from "./history-file.ts";
import { loadPipelineFile } from "./load-file.ts";
import { reportProblems } from "./report-problems.ts";
import { dataDirOf } from "./state-export.ts";
import { changing, creating } from "./stored-rows.ts";
import { exit, type Terminal } from "./terminal.ts";

export interface ImportOptions {
  readonly dataDir?: string;
  /** The file of the pipeline that will go on with the state. */
  readonly pipeline?: string;
  readonly component?: string;
  readonly histories?: boolean;
  readonly replace?: boolean;
  readonly skipChanged?: boolean;
  readonly json?: boolean;
}

/** Adds exported state to that of a stopped weir. */
export const importState = async (file: string, options: ImportOptions, terminal: Terminal): Promise<number> => {
  const { pipeline, component, histories, replace, skipChanged, json } = options;
  const loaded = pipeline === undefined ? undefined : await loadPipelineFile(pipeline);
  if (loaded) reportProblems(loaded, terminal);
  if (loaded && !loaded.ok) return exit.config;
  const dataDir = dataDirOf(options, loaded);
  const use = () =>
    changing(dataDir, terminal, async (rows) => {
      let imported: Imported;
      try {
        imported = await importLines(rows, linesOf(file), {
          keeping: loaded && keepingIn(loaded.value),
          into: component,
          onlyHistories: histories,
          replaces: replace,
          skipsChanged: skipChanged,
          now: Date.now(),
        });
      } catch (error) {
        throw new Error(`"${printable(file)}" was not imported, and nothing was changed: ${(error as Error).message}`);
      }
      terminal.out(json ? `${JSON.stringify(imported)}\n` : importedText(imported));
      return exit.success;
    });
  return creating(dataDir, terminal, use);
};

const importedText = ({ components, keys, histories, added, changed, unchanged, left }: Imported): string =>
  [
    ...(components > 0 ? [`${counted(components, "component")}: ${counted(keys, "key")} added`] : []),
    ...(histories > 0 || components === 0
      ? [
          `${counted(histories, "history", "histories")}: ${counted(added, "entry", "entries")} added, ${changed} changed, ${unchanged} left as they were`,
        ]
      : []),
    ...left.map((reason) => `left out: ${reason}`),
  ]
    .map((line) => `${line}\n`)
    .join("");
