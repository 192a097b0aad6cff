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
  summary: "Follows the systemd journal, and resumes after the last committed entry.",
  options: {
    units: option.list(option.text)("Reads only entries of these units; patterns are allowed. Default: all units.", {
      default: [],
      examples: [["ssh.service", "kubelet.service"]],
    }),
    identifiers: option.list(option.text)("Reads only entries with these syslog identifiers.", { default: [] }),
    matches: option.list(match)(
      "Reads only entries with these values. Values of the same field are alternatives; different fields must all match.",
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
      )("Reads only entries that are at least this severe."),
    ),
    current_boot: option.boolean("Reads only entries since the last boot.", { default: false }),
    read_from: option.oneOf("beginning", "end")(
      "Where to start on the first run: at the oldest entry, or with new entries only.",
      { default: "beginning" },
    ),
    follow: option.boolean("Whether to wait for new entries. If false, the source stops at the end of the journal.", {
      default: true,
    }),
    directory: option.optional(
      option.path("Folder of the journal, for example of another machine. Default: the journal of this machine."),
    ),
    namespace: option.optional(option.text("Journal namespace; `*` reads all.")),
    journalctl: option.text("The `journalctl` program, as a name or a path.", { default: "journalctl" }),
    backoff: backoffOption("How long to wait before running journalctl again after it exits.", {
      initial: "1s",
      max: "1m",
    }),
  },
  notes: `
Events have the fields of the codec [journald](../codecs/journald.md). With \`codec: json\`, they have the fields as journalctl prints them.

**Resuming.** The checkpoint holds the cursor of the last committed entry. After a restart or a crash, weir continues with the next
entry: none is skipped, and none is repeated. If the journal no longer has the last committed entry, weir continues with the oldest entry
after it. While sinks are slow, weir stops reading and journalctl waits. Entries that the journal removes in the meantime are lost, so give
the journal enough space (\`SystemMaxUse\`, \`SystemKeepFree\`).

**Permissions.** To read entries of other users, weir must run as root or in the group \`systemd-journal\` or \`adm\`. It runs \`journalctl\`. A
container therefore needs \`journalctl\`, \`/etc/machine-id\`, and \`/var/log/journal\` or \`/run/log/journal\`. When journalctl exits or does not
exist, weir logs it, counts it in \`weir_component_refusals_total\` as \`failed_run\`, and tries again.
`,
  decoding: { codec: "journald" },
  read: followJournal,
});
