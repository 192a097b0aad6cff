import { Argument, Command, Option } from "commander";
import { didYouMean } from "../problem.ts";
import { scaffolds } from "../scaffold/plugin.ts";
import { version } from "../version.ts";
import { countArgument, durationArgument, listArgument } from "./arguments.ts";
import { addBacktest } from "./backtest-command.ts";
import {
  advanceAfterwards,
  choice,
  dataDirOption,
  deadLetterSizeOption,
  drainOption,
  logFormatOption,
  logLevelOption,
  receivedAt,
  tapFormat,
  testFormat,
  testNameOption,
  testOutputOption,
} from "./program-options.ts";
import { addRules } from "./rule-commands.ts";
import { addRun } from "./run-command.ts";
import { addDeadLetters, addState, type Done } from "./stored-commands.ts";
import type { Terminal } from "./terminal.ts";

/** The commands and their arguments, for this command line. Each command is in a file of its own, loaded when it is called. */
export const program = (argv: readonly string[], terminal: Terminal, done: Done): Command => {
  const weir = new Command("weir")
    .description("Edge collector and stream-processor plugin host.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", notes)
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.error(text),
      outputError: (text, write) => write(withMeant(text, argv)),
    })
    .exitOverride();
  addRun(weir, terminal, done);
  // Collectors start with it: the others would take 10 ms.
  if (argv[0] === "run") return pointToHelp(weir);
  weir
    .command("demo")
    .description("run a detection on the audit log of a made-up cluster, to see what weir does")
    .addOption(drainOption().hideHelp())
    .addOption(deadLetterSizeOption().hideHelp())
    .addOption(logLevelOption())
    .addOption(logFormatOption(terminal))
    .action(async (options) => done(await (await import("./demo.ts")).demo(options, terminal)));
  weir
    .command("validate")
    .description("check pipelines, as run does at start")
    .argument("<files...>", "pipeline files (YAML)")
    .option("--json", "print the problems as JSON")
    .option("--print", "print the pipeline with references resolved, defaults filled in and secrets masked")
    .action(async (files, options) => done(await (await import("./validate.ts")).validate(files, options, terminal)));
  weir
    .command("test")
    .description("run the tests of pipelines and rules")
    .argument("<files...>", "pipelines, files with tests (NAME.test.yaml), rules, or directories of them")
    .option(...testNameOption)
    .addOption(testFormat())
    .option(...testOutputOption)
    .action(async (files, options) => done(await (await import("./test.ts")).test(files, options, terminal)));
  addBacktest(weir, terminal, done);
  addExplain(weir, terminal, done);
  weir
    .command("graph")
    .description("print a pipeline as a Mermaid flowchart")
    .argument("<file>", "the pipeline file (YAML)")
    .option("--plan", "print what sources look for in records, and which records become events")
    .action(async (file, options) => done(await (await import("./graph.ts")).graph(file, options, terminal)));
  weir
    .command("list")
    .description("list the component types")
    .argument("[file]", "a pipeline file, for the types of its plugins too")
    .option("--json", "print JSON")
    .action(async (file, options) => done(await (await import("./list.ts")).list(file, options, terminal)));
  weir
    .command("show")
    .description("print the reference page of a component type (Markdown)")
    .argument("<type>", "the name of a component type")
    .argument("[file]", "a pipeline file whose plugins have it")
    .action(async (type, file) => done(await (await import("./show.ts")).show(type, file, terminal)));
  weir
    .command("schema")
    .description("print the JSON schema of pipeline files, for editors")
    .argument("[file]", "a pipeline file, for the types of its plugins too")
    .action(async (file) => done(await (await import("./schema.ts")).schema(file, terminal)));
  weir
    .command("new")
    .description("write a new plugin or rule, with a test that passes")
    .addArgument(new Argument("<kind>", "what to write").choices(scaffolds))
    .argument("<name>", "its name, in snake_case")
    .option("--package", "write a package that can be published")
    .option("--into <folder>", "where to write it; plugins or rules by default, for a package the working directory")
    .action(async (kind, name, options) => done((await import("./new.ts")).newPlugin(kind, name, options, terminal)));
  addPipelines(weir, terminal, done);
  addRules(weir, terminal, done);
  addDeadLetters(weir, terminal, done);
  addState(weir, terminal, done);
  weir
    .command("reload")
    .description("make a running weir read its pipeline file again; what did not change runs on")
    .addOption(dataDirOption())
    .option("--json", "print JSON")
    .action(async (options) => done(await (await import("./reload.ts")).reload(options, terminal)));
  weir
    .command("diff")
    .description("show what a reload would add, change, remove and leave alone")
    .argument("<file>", "a pipeline file, to compare with what the running weir has loaded")
    .argument("[new]", "with it, the first file is compared with this one")
    .addOption(dataDirOption())
    .option("--json", "print JSON")
    .action(async (file, next, options) => done(await (await import("./diff.ts")).diff(file, next, options, terminal)));
  weir
    .command("status")
    .description("show the state of a running weir, or what is in the data dir of a stopped one")
    .addOption(dataDirOption())
    .option("--json", "print JSON")
    .action(async (options) => done(await (await import("./status.ts")).status(options, terminal)));
  addTap(weir, terminal, done);
  weir
    .command("top")
    .description("show what a running weir does: rates, lag, outboxes, dead letters, memory; q quits")
    .addOption(new Option("--interval <duration>", "how often to look").argParser(durationArgument).default(1000, "1s"))
    .option("--once", "print the table once, after one interval")
    .addOption(dataDirOption())
    .action(async (options) => done(await (await import("./top.ts")).top(options, terminal)));
  pointToHelp(weir);
  const [first, asked] = argv;
  // Commander would print the general help, without a word about the name.
  if (first === "help" && asked !== undefined && !knows(weir, asked)) return weir.error(unknownCommand(weir, asked));
  return weir;
};

/** After a wrong command line, each command names its own help, not that of all commands. */
const pointToHelp = (command: Command, path = command.name()): Command => {
  const says = command.commands.length > 0 ? "lists the commands" : "describes the command";
  command.showHelpAfterError(`(${path} --help ${says})`);
  for (const each of command.commands) pointToHelp(each, `${path} ${each.name()}`);
  return command;
};

const knows = (weir: Command, name: string): boolean =>
  name === "help" || name.startsWith("-") || weir.commands.some((command) => command.name() === name);

const unknownCommand = (weir: Command, name: string): string => {
  const meant = didYouMean(
    name,
    weir.commands.map((command) => command.name()),
  );
  return `error: unknown command '${name}'${meant === undefined ? "" : `\n(${meant.replaceAll('"', "")})`}`;
};

/** Commands of other tools, and what they are in weir. */
const commandsElsewhere = new Map([
  ["check", "validate"],
  ["lint", "validate"],
  ["verify", "validate"],
  ["start", "run"],
]);

/** The message for this command line with what was meant, in place of a guess by similar letters. */
const withMeant = (text: string, [first = ""]: readonly string[]): string => {
  const command = commandsElsewhere.get(first);
  const unknown = `error: unknown command '${first}'\n`;
  if (command !== undefined && text.startsWith(unknown)) return `${unknown}(Did you mean ${command}?)\n`;
  const isRun = first === "run" || first.startsWith("-");
  const option = isRun ? /^error: unknown option '(-c|--config|--config=.*)'\n/.exec(text)?.[0] : undefined;
  return option === undefined ? text : `${option}(Name the pipeline file without an option: weir run FILE)\n`;
};

const notes = `
Exit codes: 0 success, 1 failure, 2 usage error, 78 errors in a pipeline or rule.

Try it: weir demo
        weir rules show kubernetes_secret_access_unusual_user_agent
        weir pipelines show kubernetes-secret-access > pipeline.yaml && weir validate pipeline.yaml`;

const addExplain = (weir: Command, terminal: Terminal, done: Done): void => {
  weir
    .command("explain")
    .description("show what a pipeline makes of an event: component by component, step by step")
    .argument("<file>", "the pipeline file (YAML)")
    .option("--event <file>", "events as JSON: an object, one on each line, or an array; - is standard input")
    .addOption(new Option("--raw", "the file of --event has records, as the source reads them"))
    .addOption(
      new Option("--line <text>", "a record, as the source reads it; can be repeated")
        .argParser(listArgument)
        .conflicts(["event", "raw"]),
    )
    .option("--into <id>", "the component that it enters; the only source by default")
    .addOption(receivedAt())
    .addOption(advanceAfterwards())
    .option("--json", "print JSON")
    .action(async (file, options) => done(await (await import("./explain.ts")).explain(file, options, terminal)));
};

const addPipelines = (weir: Command, terminal: Terminal, done: Done): void => {
  const pipelines = weir.command("pipelines").description("list and print the pipelines that come with weir");
  pipelines
    .command("list")
    .description("list them")
    .option("--json", "print JSON")
    .action(async (options) => done((await import("./pipelines.ts")).listPipelines(options, terminal)));
  pipelines
    .command("show")
    .description("print one, to keep it in a file and change it")
    .argument("<name>", "the name of a pipeline that comes with weir")
    .action(async (name) => done((await import("./pipelines.ts")).showPipeline(name, terminal)));
};

const addTap = (weir: Command, terminal: Terminal, done: Done): void => {
  weir
    .command("tap")
    .description("print events as they pass in a running weir; it neither slows nor changes the run")
    .argument("<glob>", "ids of components, or outputs such as route.errors; quote a star: 'route*'")
    .option("--inputs", "events that enter the components, instead of those that leave them")
    .option("--where <query>", "only events that match this KQL query")
    .addOption(
      new Option("--rate <events>", "the most events in a second; the others are counted")
        .argParser(countArgument)
        .default(1000),
    )
    .addOption(new Option("--limit <events>", "end after this many events").argParser(countArgument))
    .addOption(
      choice("--format <format>", "JSON, one event per line, or pretty", ["json", "pretty"], tapFormat(terminal)),
    )
    .addOption(dataDirOption())
    .action(async (glob, options) => done(await (await import("./tap.ts")).tap(glob, options, terminal)));
};
