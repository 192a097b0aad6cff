import { defineSink, option } from "weir";
import { commandOptions } from "weir/command";
import { BatchRuns } from "./batch-run.ts";
import { LongRun } from "./long-run.ts";

export default defineSink({
  name: "exec",
  summary: "Runs a command, and writes events to its standard input as lines of JSON.",
  options: {
    ...commandOptions,
    mode: option.oneOf("batch", "stream")(
      "`batch`: the command is run for each write, and its exit code says what became of it. `stream`: one command goes on, and is started again when it has ended.",
      { default: "batch" },
    ),
    final_exit_codes: option.list((what) => option.integer(what, { minimum: 1, maximum: 255 }))(
      "With `mode: batch`, exit codes that mean that the events will never be accepted: they go to the dead letter. 65 is the usual one (EX_DATAERR).",
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

**\`mode: batch\`.** The command gets the events of a write as lines of JSON, and then the end of its input. Exit code 0 means that all of
them are delivered. With any other code, or if it is ended by a signal or cannot be started, weir runs it again with the same events, after
growing waits, without end. With a code of \`final_exit_codes\`, weir runs it with each half of the events, until it has found the one
to blame, which goes to the dead letter. A run that takes longer than \`timeout\` is killed, with its process group, and repeated.

**\`mode: stream\`.** An event counts as delivered when the system has taken it for the command's input, and the command still runs. What the
command has not processed when it ends is lost, and weir cannot tell how much. When weir stops, it closes the input, and kills the command
if it has not ended 5 s later.

The command's standard output is discarded. Its standard error is logged at level \`warn\`, at most 10 lines of 1,000 characters in a
minute, and the last line is part of the message about a failure. After a crash, the same events can come twice. To tell a repeat,
the command can use an id within the events, such as \`kibana.alert.uuid\`.
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
