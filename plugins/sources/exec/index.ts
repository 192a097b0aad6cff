import { defineSource, option } from "weir";
import { commandOptions } from "weir/command";
import { backoffOption } from "weir/http";
import { readRuns } from "./runs.ts";

export default defineSource({
  name: "exec",
  summary: "Runs a command, once or repeatedly, and reads its output.",
  replays: false,
  reloads: true,
  options: {
    ...commandOptions,
    interval: option.optional(
      option.window(
        "How often to run the command, from the start of one run to the start of the next. If a run takes longer, the next one starts right after it. Without `interval`, weir expects the command to keep running, and `restart` applies.",
        { examples: ["1m"] },
      ),
    ),
    restart: option.oneOf(
      "always",
      "on_failure",
      "never",
    )("When to restart a command without `interval` after it exits. If it is not restarted, the source stops.", {
      default: "always",
    }),
    backoff: backoffOption("How long to wait before restarting the command.", { initial: "1s", max: "1m" }),
    run_timeout: option.optional(
      option.window("Time limit of a run. weir ends a longer run with SIGTERM, and with SIGKILL 5 s later."),
    ),
  },
  notes: `
Each line on standard output is an event, by default with the line in \`message\`. \`codec\`, \`framing\` and \`multiline\` work as for any
source. While sinks are slow, weir stops reading, and the command blocks when its output pipe is full.

\`\`\`yaml
sources:
  sockets: { type: exec, command: [ss, -H, -t, -n], interval: 1m }
  probe: { type: exec, command: [sh, -c, "bpftrace -f json probe.bt | grep -v attached"], codec: json }
\`\`\`

**Standard error** is logged at level \`warn\`: at most 10 lines a minute, each of at most 1,000 characters. A run that exits with a code
other than 0, is killed by a signal, or cannot be started counts as \`failed_run\` in \`weir_component_refusals_total\`. weir keeps what
it printed.

**What can be lost.** Output cannot be read twice. When weir stops or is killed, output that it has not yet read and committed is lost. Event
ids are derived from weir's start time, the run, and the position in the output. When weir stops, it sends SIGTERM to the
command's process group, and SIGKILL 5 s later.
`,
  read: readRuns,
});
