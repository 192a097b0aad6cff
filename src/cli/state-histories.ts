import { existsSync } from "node:fs";
import { join } from "node:path";
import { describeMissing, openStopped } from "../control/stopped.ts";
import { exportLines } from "../histories/export.ts";
import { forget, toForget } from "../histories/forget.ts";
import { chosen, historiesIn, type StoredHistory } from "../histories/histories.ts";
import { importLines } from "../histories/import.ts";
import { statsOf } from "../histories/stats.ts";
import { type Data, isObject } from "../json.ts";
import { compileKql } from "../kql/index.ts";
import { whyUnreadable } from "../storage/damage.ts";
import { StateRows } from "../storage/state-rows.ts";
import { counted, printable } from "../text.ts";
import { linesOf, writeLines } from "./history-file.ts";
import { forgottenText, statsText } from "./history-text.ts";
import { loadPipelineFile } from "./load-file.ts";
import { reportProblems } from "./report-problems.ts";
import type { ForgetOptions, StateOptions } from "./state.ts";
import { exit, type Terminal } from "./terminal.ts";

export interface RuleForgetOptions extends ForgetOptions {
  readonly rule: string;
  readonly where?: string;
  readonly dryRun?: boolean;
}

/** Prints what is remembered for each component and rule. weir may be running. */
export const printStats = (options: StateOptions, terminal: Terminal): Promise<number> =>
  withNames(options.pipeline, terminal, async (names) =>
    reading(options.dataDir, terminal, (rows) => {
      const stats = statsOf(rows).map((one) => {
        const name = one.name ?? names.get(one.rule ?? "");
        return name === undefined ? one : { ...one, name };
      });
      if (options.json) terminal.out(`${JSON.stringify(stats)}\n`);
      else terminal.out(stats.length > 0 ? statsText(stats) : "nothing is remembered\n");
      return exit.success;
    }),
  );

/** Writes the histories of a component or rule to a file or the terminal. weir may be running. */
export const exportHistory = (
  name: string,
  { dataDir, to }: { readonly dataDir: string; readonly to?: string },
  terminal: Terminal,
): Promise<number> =>
  reading(dataDir, terminal, async (rows) => {
    const histories = named(name, rows);
    const lines = exportLines(rows, histories, new Date().toISOString());
    if (to === undefined) {
      for (const line of lines) terminal.out(`${line}\n`);
      return exit.success;
    }
    const count = await writeLines(to, lines);
    const entries = count - 2 - histories.length;
    terminal.out(`${printable(to)}: ${counted(entries, "entry", "entries")} of ${namesText(histories)}\n`);
    return exit.success;
  });

/** Adds the histories in a file to those of a stopped weir. */
export const importHistory = (
  file: string,
  { dataDir, component, json }: { readonly dataDir: string; readonly component?: string; readonly json?: boolean },
  terminal: Terminal,
): Promise<number> =>
  changing(dataDir, terminal, async (rows) => {
    try {
      const imported = await importLines(rows, linesOf(file), { into: component, now: Date.now() });
      const { histories, added, changed, unchanged } = imported;
      if (json) terminal.out(`${JSON.stringify(imported)}\n`);
      else
        terminal.out(
          `${counted(histories, "history", "histories")}: ${counted(added, "entry", "entries")} added, ${changed} changed, ${unchanged} left as they were\n`,
        );
      return exit.success;
    } catch (error) {
      throw new Error(`"${printable(file)}" was not imported, and nothing was changed: ${(error as Error).message}`);
    }
  });

/** Removes what is remembered for a rule, or the combinations that match a condition, from a stopped weir. */
export const forgetRule = (ids: readonly string[], options: RuleForgetOptions, terminal: Terminal): Promise<number> => {
  const { rule, where, dryRun = false, json } = options;
  if (ids.length > 0 || options.unused) {
    terminal.error("Give either --rule, or ids of components, or --unused.\n");
    return Promise.resolve(exit.usage);
  }
  const use = dryRun ? reading : changing;
  return withNames(options.pipeline, terminal, (names) =>
    use(options.dataDir, terminal, async (rows) => {
      const { histories, spaces } = ofRule(rule, rows, names);
      const matches = where === undefined ? () => true : conditionOf(where);
      const found = histories.map((history) => toForget(rows, history, matches));
      if (!dryRun)
        await rows.change((writer) => {
          if (where === undefined) for (const space of spaces) writer.clear(space);
          else for (const each of found) forget(writer, each);
        });
      if (json)
        terminal.out(
          `${JSON.stringify(found.flatMap(({ combinations }) => combinations.map(({ values }) => values)))}\n`,
        );
      else terminal.out(forgottenText(found, { isDone: !dryRun, isWhole: where === undefined }));
      return exit.success;
    }),
  );
};

/** The histories and key spaces of a rule, or of a transform that looks for new terms. `names`: of rules by id. */
const ofRule = (rule: string, rows: StateRows, names: ReadonlyMap<string, string>) => {
  const all = historiesIn(rows);
  const histories = all.filter(({ about }) => [about.id, about.name].includes(rule));
  const spaces = rows
    .spaces()
    .map((space) => space.split("/").slice(0, 2))
    .filter(([, id]) => id !== undefined && (id === rule || names.get(id) === rule))
    .map((parts) => parts.join("/"));
  const found = new Set([...histories.map(({ space }) => space), ...spaces]);
  if (found.size > 0) return { histories, spaces: [...found] };
  const known = [...new Set(all.map(({ about }) => printable(about.name)))];
  throw new Error(
    `Nothing is remembered for a rule "${printable(rule)}". ${known.length > 0 ? `There are histories of ${known.join(", ")}. ` : ""}Name any other rule by its id, which \`weir state stats\` shows, or add --pipeline FILE to use its name.`,
  );
};

/** Calls `use` with the names of the rules of a pipeline, by id. */
const withNames = async (
  pipeline: string | undefined,
  terminal: Terminal,
  use: (names: ReadonlyMap<string, string>) => Promise<number>,
): Promise<number> => {
  if (pipeline === undefined) return use(new Map());
  const loaded = await loadPipelineFile(pipeline);
  reportProblems(loaded, terminal);
  if (!loaded.ok) return exit.config;
  const rules = loaded.value.topology.components.flatMap(({ config }) =>
    isObject(config) && Array.isArray(config["rules"]) ? (config["rules"].flat() as readonly unknown[]) : [],
  );
  return use(new Map(rules.flatMap((rule) => (isObject(rule) ? [[String(rule["id"]), String(rule["name"])]] : []))));
};

/** `field=value` means exactly this value; everything else is KQL. */
const conditionOf = (where: string): ((data: Data) => boolean) => {
  const [, field, value] = /^([\w.@-]+)=(.*)$/s.exec(where) ?? [];
  const query = field === undefined ? where : `${field}: ${JSON.stringify(value)}`;
  try {
    return compileKql(query);
  } catch (error) {
    throw new Error(`--where is neither FIELD=VALUE nor KQL: ${(error as Error).message}`);
  }
};

const named = (name: string, rows: StateRows): readonly StoredHistory[] => {
  const all = historiesIn(rows);
  const found = chosen(all, name);
  if (found.length > 0) return found;
  const known = [...new Set(all.flatMap(({ component, about }) => [component, about.name]))];
  throw new Error(
    `"${printable(name)}" has no history of new terms. ${known.length > 0 ? `Those that have one: ${known.map(printable).join(", ")}.` : "Nothing in this data dir has one."}`,
  );
};

const namesText = (histories: readonly StoredHistory[]): string =>
  [...new Set(histories.map(({ about }) => printable(about.name)))].join(", ");

type Use = (rows: StateRows) => Promise<number> | number;

/** The state as it is at one moment. */
const reading = (dataDir: string, terminal: Terminal, use: Use): Promise<number> =>
  telling(terminal, async () => {
    const path = join(dataDir, "weir.db");
    if (!existsSync(path)) throw new Error(describeMissing(dataDir));
    try {
      const rows = new StateRows(path, { readOnly: true });
      try {
        return await rows.snapshot(() => use(rows));
      } finally {
        rows.close();
      }
    } catch (error) {
      const unreadable = whyUnreadable(dataDir);
      throw unreadable === undefined ? error : new Error(unreadable);
    }
  });

/** The state of a stopped weir, which cannot start meanwhile. */
const changing = (dataDir: string, terminal: Terminal, use: Use): Promise<number> =>
  telling(terminal, async () => {
    const stopped = openStopped(dataDir);
    try {
      const rows = new StateRows(join(dataDir, "weir.db"), { readOnly: false });
      try {
        return await use(rows);
      } finally {
        rows.close();
      }
    } finally {
      stopped.close();
    }
  });

const telling = async (terminal: Terminal, work: () => Promise<number>): Promise<number> => {
  try {
    return await work();
  } catch (error) {
    terminal.error(`${(error as Error).message}\n`);
    return exit.failed;
  }
};
