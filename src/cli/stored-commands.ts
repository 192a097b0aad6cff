import type { Command } from "commander";
import { dataDirOption, pipelineDataDirOption } from "./program-options.ts";
import type { Terminal } from "./terminal.ts";

/** Called with the exit code of the command that ran. */
export type Done = (code: number) => void;

/** Commands on the dead letters of a data dir. */
export const addDeadLetters = (weir: Command, terminal: Terminal, done: Done): void => {
  const letters = weir
    .command("dead-letters")
    .description("list, show, replay or purge dead letters; weir may be running");
  const commands = () => import("./dead-letters.ts");
  const command = (name: string, description: string): Command =>
    letters.command(name).description(description).addOption(dataDirOption()).option("--json", "print JSON");
  const selecting = (name: string, description: string): Command =>
    command(name, description)
      .option("--component <id>", "only letters that this component rejected")
      .option("--reason <reason>", "only letters with this reason, such as not_json");
  selecting("list", "list dead letters, oldest first").action(async (options) =>
    done(await (await commands()).listLetters(options, terminal)),
  );
  command("show", "print a dead letter with its event or record")
    .argument("<id>", "the id of a letter, or of its event")
    .action(async (id, options) => done(await (await commands()).showLetter(id, options, terminal)));
  selecting(
    "replay",
    "send dead letters back to the component that rejected them; if weir is stopped, at its next start",
  )
    .argument("[ids...]", "ids of letters, or of their events")
    .option("--all", "all dead letters")
    .action(async (ids, options) => done(await (await commands()).replayLetters(ids, options, terminal)));
  selecting("purge", "remove dead letters permanently")
    .argument("[ids...]", "ids of letters, or of their events")
    .option("--all", "all dead letters")
    .action(async (ids, options) => done(await (await commands()).purgeLetters(ids, options, terminal)));
};

/** Commands on what a data dir keeps of components. */
export const addState = (weir: Command, terminal: Terminal, done: Done): void => {
  const state = weir
    .command("state")
    .description("list, export, import or remove what is kept of components, also of those that were removed");
  const commands = () => import("./state.ts");
  const histories = () => import("./state-histories.ts");
  const command = (name: string, description: string): Command =>
    state
      .command(name)
      .description(description)
      .addOption(dataDirOption())
      .option("--pipeline <file>", "a pipeline file whose components count as used")
      .option("--json", "print JSON");
  command("list", "list checkpoints, state and outboxes by component").action(async (options) =>
    done(await (await commands()).listStored(options, terminal)),
  );
  command("forget", "remove all that is kept of components that no pipeline uses, or of one rule while weir is stopped")
    .argument("[ids...]", "ids of components")
    .option("--unused", "all components that the running or named pipeline does not have")
    .option("--yes", "do it; without this, --unused only prints what it would remove")
    .option("--rule <rule>", "the name or id of a rule, or the id of a transform that looks for new terms")
    .option("--where <condition>", "with --rule: only combinations that match this KQL query, or FIELD=VALUE")
    .option("--dry-run", "with --rule: only print what would be removed")
    .action(async (ids, options) =>
      done(
        options.rule === undefined
          ? await (await commands()).forgetStored(ids, options, terminal)
          : await (await histories()).forgetRule(ids, options, terminal),
      ),
    );
  command(
    "stats",
    "show what is remembered for each component and rule, since when, and what would have alerted",
  ).action(async (options) => done(await (await histories()).printStats(options, terminal)));
  state
    .command("export")
    .description("write what components remember, or histories of new terms, as NDJSON; weir may be running")
    .argument("[names...]", "ids of components, or the names or ids of rules with a history; by default all")
    .option("--pipeline <file>", "the pipeline file with these components; without it, only histories are exported")
    .addOption(pipelineDataDirOption())
    .option("--histories", "only histories of new terms, which can be added to others")
    .option("--to <file>", "the file to write, compressed if it ends with .gz; without it, standard output")
    .action(async (names, options) =>
      done(await (await import("./state-export.ts")).exportState(names, options, terminal)),
    );
  state
    .command("import")
    .description("add exported state to that of a stopped weir")
    .argument("<file>", "a file that weir state export wrote")
    .option("--pipeline <file>", "the pipeline file that will go on with it; without it, only histories are imported")
    .addOption(pipelineDataDirOption())
    .option("--component <id>", "the component to add histories to, if its id differs from the exported one")
    .option("--histories", "only histories of new terms")
    .option("--replace", "forget first what the components remember")
    .option("--skip-changed", "leave out rules and components that the pipeline does not have, or has changed")
    .option("--json", "print JSON")
    .action(async (file, options) =>
      done(await (await import("./state-import.ts")).importState(file, options, terminal)),
    );
};
