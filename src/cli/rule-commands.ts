import { type Command, Option } from "commander";
import { listArgument } from "./arguments.ts";
import { advanceAfterwards, receivedAt, testFormat, testNameOption, testOutputOption } from "./program-options.ts";
import type { Done } from "./stored-commands.ts";
import type { Terminal } from "./terminal.ts";

/** The options that choose rules. */
const filtered = (command: Command): Command => {
  const filter = (what: string) =>
    new Option(`--${what} <value>`, `only rules with this ${what}; can be repeated`).argParser(listArgument);
  for (const what of ["type", "tag", "integration", "severity", "maturity"]) command.addOption(filter(what));
  return command;
};

const defaultField = () =>
  new Option(
    "--default-field <field>",
    "a field to search for a text in the rule's query that names no field; can be repeated",
  ).argParser(listArgument);

/** Commands on rules. */
export const addRules = (weir: Command, terminal: Terminal, done: Done): void => {
  const rules = weir.command("rules").description("inspect detection rules");
  filtered(rules.command("list"))
    .description("list the rules that come with weir, or those in files")
    .argument("[paths...]", "rule files, folders or globs")
    .option("--json", "print JSON")
    .action(async (paths, options) => done((await import("./rules.ts")).listRules(paths, options, terminal)));
  filtered(rules.command("check"))
    .description("say of each rule whether weir can run it, and why not; also of Elastic's rules (TOML)")
    .argument("<paths...>", "rule files, folders or globs, or names of rules")
    .option("--json", "print JSON")
    .action(async (paths, options) => done((await import("./check-rules.ts")).checkRules(paths, options, terminal)));
  rules
    .command("test")
    .description("run the tests of rules: timelines of events, on a clock of their own")
    .argument("[paths...]", "names of rules, rule files, folders or globs; by default the rules that come with weir")
    .option(...testNameOption)
    .addOption(testFormat())
    .option(...testOutputOption)
    .action(async (paths, options) =>
      done(await (await import("./test-rules.ts")).testRules(paths, options, terminal)),
    );
  rules
    .command("explain")
    .description(
      "say why a rule raises an alert about events or does not: clause by clause, what is new, what it waits for",
    )
    .argument("<rule>", "the name of a rule, or the path of its file")
    .requiredOption(
      "--event <file>",
      "events as JSON, in order: an object, one on each line, or an array; - is standard input",
    )
    .option(
      "--pipeline <file>",
      "explain the rule as this pipeline runs it: with its exceptions, overrides, types of fields, default fields",
    )
    .option("--component <id>", "which detection transform of the pipeline, if several run the rule")
    .option("--timestamp <field>", "the field with the time of the events, in place of that of the rule")
    .addOption(receivedAt())
    .addOption(advanceAfterwards())
    .option("--indicators <file>", "indicators, for a rule that compares events with them (NDJSON, JSON, CSV, text)")
    .addOption(defaultField())
    .option("--json", "print JSON")
    .action(async (rule, options) =>
      done(await (await import("./explain-rule.ts")).explainRule(rule, options, terminal)),
    );
  filtered(rules.command("coverage"))
    .description("write which techniques of MITRE ATT&CK rules look for, as a layer for the ATT&CK Navigator (JSON)")
    .argument("[paths...]", "names of rules, rule files, folders or globs; by default the rules that come with weir")
    .option("--output <file>", "write the layer to this file, instead of printing it")
    .action(async (paths, options) =>
      done((await import("./rule-coverage.ts")).ruleCoverage(paths, options, terminal)),
    );
  rules
    .command("show")
    .description("print a rule: what it detects, how to tune it, how to handle its alerts")
    .argument("<rule>", "the name of a rule, or the path of its file")
    .option("--json", "print JSON")
    .action(async (rule, options) => done((await import("./rules.ts")).showRule(rule, options, terminal)));
};
