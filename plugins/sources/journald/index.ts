import { defineSource, type Option, option } from "weir";
import { backoffOption } from "weir/http";
import { followJournal } from "./follow.ts";

const match: (description: string) => Option<string> = (description) => ({
  ...option.text(description),
  title: "a match such as _SYSTEMD_UNIT=ssh.service",
  pattern: "^[A-Z_][A-Z0-9_]*=",
});

export default defineSource({
  name: "journald",
  summary: "Follows the systemd journal with journalctl, and resumes after the last committed entry.",
  options: {
    units: option.list(option.text)("Only entries of these units; patterns are allowed. All by default.", {
      default: [],
      examples: [["ssh.service", "kubelet.service"]],
    }),
    identifiers: option.list(option.text)("Only entries with these syslog identifiers.", { default: [] }),
    matches: option.list(match)(
      "Only entries with these values. Those of one field are alternatives; of several fields, all must match.",
      { default: [], examples: [["_TRANSPORT=kernel"]] },
    ),
    priority: option.optional(
      option.oneOf(
        "emerg",
        "alert",
        "crit",
        "err",
        "warning",
        "notice",
        "info",
        "debug",
      )("Only entries that are at least this severe."),
    ),
    current_boot: option.boolean("Only entries since the machine was started.", { default: false }),
    read_from: option.oneOf("beginning", "end")(
      "Where to start the first time: with the oldest entry, or with those that come.",
      { default: "beginning" },
    ),
    follow: option.boolean("Whether to wait for new entries. If false, the source ends at the end of the journal.", {
      default: true,
    }),
    directory: option.optional(
      option.path("The folder with the journal, such as that of another machine; by default this machine's."),
    ),
    namespace: option.optional(option.text("The namespace of the journal; `*` for all.")),
    journalctl: option.text("The program to run.", { default: "journalctl" }),
    backoff: backoffOption("How long to wait before journalctl is run again when it has ended.", {
      initial: "1s",
      max: "1m",
    }),
  },
  notes: `
An event has the fields of the codec [journald](../codecs/journald.md). With \`codec: json\`, it has the fields as journalctl prints them.

**Resuming.** The checkpoint has the cursor of the last committed entry: after a restart or a crash, weir goes on with the next one,
and neither misses nor repeats any. If that entry has been removed from the journal meanwhile, weir goes on with the oldest one after
it. While sinks are slow, weir does not read, and journalctl waits; entries that the journal removes before they are read are lost, so
keep enough of it (\`SystemMaxUse\`, \`SystemKeepFree\`).

**Rights.** weir needs to be in the group \`systemd-journal\` or \`adm\` to read the entries of others. It runs \`journalctl\`, which has to be
installed, in a container together with \`/var/log/journal\` or \`/run/log/journal\` and \`/etc/machine-id\`. When journalctl ends or does not exist,
weir logs that, counts it in \`weir_component_refusals_total\` as \`failed_run\`, and tries again.
`,
  decoding: { codec: "journald" },
  read: followJournal,
});
