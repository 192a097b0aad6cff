import { forget, toForget } from "../histories/forget.ts";
import { historiesIn } from "../histories/histories.ts";
import { statsOf } from "../histories/stats.ts";
import { type Data, isObject } from "../json.ts";
import { compileKql } from "../kql/index.ts";
import type { StateRows } from "../storage/state-rows.ts";
import { printable } from "../text.ts";
import { forgottenText, statsText } from "./history-text.ts";
import { loadPipelineFile } from "./load-file.ts";
import { reportProblems } from "./report-problems.ts";
import type { ForgetOptions, StateOptions } from "./state.ts";
import { changing, reading } from "./stored-rows.ts";
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
