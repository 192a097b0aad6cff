import { defineSink, option } from "weir";
import { commandOptions } from "weir/command";
import { BatchRuns } from "./batch-run.ts";
import { LongRun } from "./long-run.ts";

export default defineSink({
  name: "exec",
  summary: "Runs a command, and writes events to its standard input, one JSON object per line.",
  options: {
    ...commandOptions,
    command: { ...commandOptions.command, examples: [["/usr/local/bin/page-me"]] },
    mode: option.oneOf("batch", "stream")(
      "`batch`: runs the command once per write; its exit code reports success or failure. `stream`: keeps one command running, and restarts it when it exits.",
      { default: "batch" },
    ),
    final_exit_codes: option.list((what) => option.integer(what, { minimum: 1, maximum: 255 }))(
      "With `mode: batch`, exit codes that mean the command will never accept an event: the event goes to the dead letter. The usual code is 65 (EX_DATAERR).",
      { default: [] },
    ),
  },
  delivery: { concurrency: 1 },
  notes: `
\`\`\`yaml
page:
  type: exec
  inputs: [detect]
  command: [/usr/local/bin/page-me]
  final_exit_codes: [65]
  batch: { max_events: 1 }
\`\`\`

**\`mode: batch\`.** The command gets the events of a write on its standard input, one JSON object per line, followed by end of file. Exit code 0 means
that all events are delivered. If the command exits with another code, is killed by a signal, or cannot be started, weir runs it again with the same
events. It waits longer after each failure, and never gives up. If the exit code is one of \`final_exit_codes\`, weir runs the command with each
half of the events until it has found the refused event, which goes to the dead letter. A run that takes longer than \`timeout\` is killed, with its
process group, and repeated.

**\`mode: stream\`.** An event counts as delivered when the system has accepted it for the command's standard input and the command is still running. If the
command exits, the events that it has not processed are lost, and weir cannot tell how many. When weir stops, it closes the command's input,
and kills the command if it is still running 5 s later.

weir discards the command's standard output. It logs standard error at level \`warn\`: at most 10 lines a minute, each of at most 1,000
characters. The last line also appears in the message about a failure. After a crash, the command can get the same events twice. To
recognize them, use an id in the event, such as \`kibana.alert.uuid\`.
`,
  open({ config, clock, log }) {
    if (config.mode === "stream") {
      const run = new LongRun(config, log, clock);
      return { write: (events, signal) => run.write(events, signal), close: () => run.close() };
    }
    const runs = new BatchRuns(config, log, clock);
    return { write: (events, signal) => runs.write(events, signal) };
  },
});
