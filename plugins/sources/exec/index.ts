import { defineSource, option } from "weir";
import { commandOptions } from "weir/command";
import { backoffOption } from "weir/http";
import { readRuns } from "./runs.ts";

export default defineSource({
  name: "exec",
  summary: "Runs a command, once or again and again, and reads what it prints.",
  replays: false,
  reloads: true,
  options: {
    ...commandOptions,
    interval: option.optional(
      option.window(
        "Runs the command this often, counted from the start of one run to that of the next; a run that takes longer is followed at once. Without it, the command is expected to go on, and `restart` applies.",
        { examples: ["1m"] },
      ),
    ),
    restart: option.oneOf(
      "always",
      "on_failure",
      "never",
    )("Whether a command without `interval` is started again when it has ended. Otherwise the source ends.", {
      default: "always",
    }),
    backoff: backoffOption("How long to wait before the command is started again.", { initial: "1s", max: "1m" }),
    run_timeout: option.optional(
      option.window("Ends a run that takes longer: with SIGTERM, and 5 s later with SIGKILL."),
    ),
  },
  notes: `
Each line of the standard output is an event, by default with the line in \`message\`; \`codec\`, \`framing\` and \`multiline\` work as for
any source. While sinks are slow, weir does not read the output, and the command waits when it prints more.

\`\`\`yaml
sources:
  sockets: { type: exec, command: [ss, -H, -t, -n], interval: 1m }
  probe: { type: exec, command: [sh, -c, "bpftrace -f json probe.bt | grep -v attached"], codec: json }
\`\`\`

**Standard error** is logged at level \`warn\`, at most 10 lines of 1,000 characters in a minute. A run that ends with another exit code
than 0, by a signal, or cannot be started is counted in \`weir_component_refusals_total\` as \`failed_run\`; what it printed stays.

**What can be lost.** Output cannot be read twice: when weir stops or is killed, what it has not read and committed is lost. Event ids
are made from the time at which weir started, the run and the position in its output. The command and all processes in its process
group get SIGTERM when weir stops, and SIGKILL 5 s later.
`,
  read: readRuns,
});
