import { Command, Option } from "commander";
import { durationArgument, listenArgument, sizeArgument } from "./arguments.ts";
import type { Terminal } from "./terminal.ts";
import { version } from "./version.ts";

/** Called with the exit code of the command that ran. */
export type Done = (code: number) => void;

/** The command line: what can be called, with which arguments. Each command lives in a file of its own, loaded when it is called. */
export const program = (terminal: Terminal, done: Done): Command => {
  const weir = new Command("weir")
    .description("Edge collector and stream-processor plugin host.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .showHelpAfterError("(weir --help lists the commands)")
    .addHelpText("after", notes)
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.error(text) })
    .exitOverride();
  weir
    .command("run")
    .description("run a pipeline until its sources end or it is told to stop")
    .argument("<file>", "the pipeline, a YAML file")
    .addOption(dataDirOption())
    .addOption(
      new Option("--temporary", "use a fresh data dir, and remove it at the end: to try a pipeline out").conflicts(
        "dataDir",
      ),
    )
    .option("--stats <file>", "write the counters of every component to this file at the end, as JSON")
    .addOption(listenOption())
    .addOption(drainOption())
    .addOption(deadLetterSizeOption())
    .option("--check-plugins", checkingPlugins)
    .addOption(choice("--log-level <level>", "what is logged", ["debug", "info", "warn", "error"], "info"))
    .addOption(choice("--log-format <format>", "how it is logged", ["pretty", "json"], logFormat(terminal)))
    .action(async (file, options) => done(await (await import("./run-file.ts")).runFile(file, options, terminal)));
  weir
    .command("validate")
    .description("check pipelines, as run does before it starts")
    .argument("<files...>", "pipelines, YAML files")
    .option("--json", "print the problems as JSON")
    .option("--print", "print the pipeline: references followed, defaults filled in, secrets masked")
    .action(async (files, options) => done(await (await import("./validate.ts")).validate(files, options, terminal)));
  weir
    .command("graph")
    .description("print a pipeline as a Mermaid flowchart")
    .argument("<file>", "the pipeline, a YAML file")
    .action(async (file) => done(await (await import("./graph.ts")).graph(file, terminal)));
  weir
    .command("list")
    .description("list the types that components can have")
    .option("--json", "print them as JSON")
    .action(async (options) => done((await import("./list.ts")).list(options, terminal)));
  addRules(weir, terminal, done);
  addDeadLetters(weir, terminal, done);
  weir
    .command("status")
    .description("say how a running weir is doing, or what the data dir of a stopped one holds")
    .addOption(dataDirOption())
    .option("--json", "print it as JSON")
    .action(async (options) => done(await (await import("./status.ts")).status(options, terminal)));
  return weir;
};

const checkingPlugins =
  "run RxJS transforms again on their first events, cut into other batches, and end the run if the result differs; what their plugins do outside of weir is repeated";

const notes = `
Exit codes: 0 well, 1 failed, 2 wrong usage, 78 a pipeline or rule with errors.

Try it: weir validate pipelines/kubernetes-secret-access.yaml
        weir rules show kubernetes_secret_access_unusual_user_agent`;

const addRules = (weir: Command, terminal: Terminal, done: Done): void => {
  const rules = weir.command("rules").description("look at detection rules");
  rules
    .command("list")
    .description("list the rules that come with weir")
    .option("--json", "print them as JSON")
    .action(async (options) => done((await import("./rules.ts")).listRules(options, terminal)));
  rules
    .command("show")
    .description("print a rule: what it looks for, how to tune it, what to make of its alerts")
    .argument("<rule>", "the rule's name, or the path of its file")
    .option("--json", "print it as JSON")
    .action(async (rule, options) => done((await import("./rules.ts")).showRule(rule, options, terminal)));
};

const addDeadLetters = (weir: Command, terminal: Terminal, done: Done): void => {
  const letters = weir
    .command("dead-letters")
    .description(
      "look at the events that could not go on, and send them again or remove them; beside a running weir too",
    );
  const commands = () => import("./dead-letters.ts");
  const command = (name: string, description: string): Command =>
    letters
      .command(name)
      .description(description)
      .addOption(dataDirOption())
      .option("--json", "print JSON, one line a letter");
  const selecting = (name: string, description: string): Command =>
    command(name, description)
      .option("--component <id>", "those that this component rejected")
      .option("--reason <reason>", "those with this reason, such as not_json");
  selecting("list", "list them, oldest first").action(async (options) =>
    done(await (await commands()).listLetters(options, terminal)),
  );
  command("show", "print one whole, with its event or record")
    .argument("<id>", "as list prints it, or the id of an event")
    .action(async (id, options) => done(await (await commands()).showLetter(id, options, terminal)));
  selecting("replay", "send them back to where they were rejected; of a stopped weir, at its next start")
    .argument("[ids...]", "as list prints them, or ids of events")
    .option("--all", "all of them")
    .action(async (ids, options) => done(await (await commands()).replayLetters(ids, options, terminal)));
  selecting("purge", "remove them for good")
    .argument("[ids...]", "as list prints them, or ids of events")
    .option("--all", "all of them")
    .action(async (ids, options) => done(await (await commands()).purgeLetters(ids, options, terminal)));
};

const dataDirOption = (): Option =>
  new Option("--data-dir <folder>", "where checkpoints, state and outboxes are kept").default(".weir");

const listenOption = (): Option =>
  new Option(
    "--listen <address>",
    "serve /health, /ready and /metrics there, such as 127.0.0.1:9598; a port alone is on the loopback address",
  ).argParser(listenArgument);

const drainOption = (): Option =>
  new Option("--drain <duration>", "how long stopping may take; what is left stays on disk")
    .argParser(durationArgument)
    .default(30_000, "30s");

const deadLetterSizeOption = (): Option =>
  new Option("--dead-letter-size <size>", "how much room dead letters may take; reading waits when there is none left")
    .argParser(sizeArgument)
    .default(1024 ** 3, "1GiB");

const choice = (flags: string, description: string, choices: readonly string[], otherwise: string): Option =>
  new Option(flags, description).choices(choices).default(otherwise);

const logFormat = ({ color }: Terminal): string => (color.error ? "pretty" : "json");
