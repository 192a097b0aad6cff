import { type Data, defineCodec, RejectError } from "weir";
import { isObject, kindOf, parseJson } from "weir/fields";
import { syslogFacility, syslogSeverity } from "weir/formats";

type Entry = Readonly<Record<string, unknown>>;

/** Fields that map to an event field; all others go under `journald`. */
const known = new Set([
  "MESSAGE",
  "MESSAGE_ID",
  "PRIORITY",
  "SYSLOG_FACILITY",
  "SYSLOG_IDENTIFIER",
  "SYSLOG_PID",
  "_PID",
  "_COMM",
  "_EXE",
  "_CMDLINE",
  "_UID",
  "_GID",
  "_HOSTNAME",
  "_MACHINE_ID",
  "_BOOT_ID",
  "_SYSTEMD_UNIT",
  "_SYSTEMD_USER_UNIT",
  "_SYSTEMD_SLICE",
  "_TRANSPORT",
  "CODE_FILE",
  "CODE_FUNC",
  "CODE_LINE",
]);

export default defineCodec({
  name: "journald",
  summary: "Each record is a systemd journal entry, as printed by `journalctl -o json`.",
  options: {},
  notes: `
| journal field | event field |
| --- | --- |
| \`_SOURCE_REALTIME_TIMESTAMP\`, \`__REALTIME_TIMESTAMP\` | \`@timestamp\`, with microseconds |
| \`MESSAGE\`, \`MESSAGE_ID\` | \`message\`, \`event.code\` |
| \`PRIORITY\`, \`SYSLOG_FACILITY\` | \`log.syslog.severity\`, \`log.syslog.facility\`, and \`log.syslog.priority\` from both |
| \`SYSLOG_IDENTIFIER\`, \`SYSLOG_PID\` | \`log.syslog.appname\`, \`log.syslog.procid\` |
| \`_PID\`, \`_COMM\`, \`_EXE\`, \`_CMDLINE\` | \`process.pid\`, \`process.name\`, \`process.executable\`, \`process.command_line\` |
| \`_UID\`, \`_GID\` | \`user.id\`, \`group.id\` |
| \`_HOSTNAME\`, \`_MACHINE_ID\`, \`_BOOT_ID\` | \`host.name\` and \`host.hostname\`, \`host.id\`, \`host.boot.id\` |
| \`_SYSTEMD_UNIT\`, \`_SYSTEMD_USER_UNIT\`, \`_SYSTEMD_SLICE\`, \`_TRANSPORT\` | \`systemd.unit\`, \`systemd.user_unit\`, \`systemd.slice\`, \`systemd.transport\` |
| \`CODE_FILE\`, \`CODE_LINE\`, \`CODE_FUNC\` | \`log.origin.file.name\`, \`log.origin.file.line\`, \`log.origin.function\` |
| any other, such as \`_AUDIT_LOGINUID\` | \`journald.audit_loginuid\`: in lower case, without the leading \`_\` |

journalctl prints a value that is not text as a list of bytes. weir reads them as UTF-8, and replaces invalid bytes with
U+FFFD. A field that occurs more than once becomes a list. If an entry has no \`_COMM\`, \`process.name\` is its \`SYSLOG_IDENTIFIER\`. Fields
that start with \`__\`, such as \`__CURSOR\`, are dropped.
`,
  decode: () => (text) => {
    const entry = parseJson(text);
    if (!isObject(entry)) throw new RejectError("not_an_object", `the record is ${kindOf(entry)}`);
    return eventOf(entry);
  },
});

const eventOf = (entry: Entry): Data => {
  const text = (name: string): string | undefined => {
    const value = textOf(entry[name]);
    return Array.isArray(value) ? String(value[0]) : value;
  };
  const number = (name: string): number | undefined => {
    const value = text(name);
    return value !== undefined && /^\d{1,16}$/.test(value) ? Number(value) : undefined;
  };
  const time = number("_SOURCE_REALTIME_TIMESTAMP") ?? number("__REALTIME_TIMESTAMP");
  return clean({
    "@timestamp": time === undefined ? undefined : timeText(time),
    message: text("MESSAGE"),
    event: { code: text("MESSAGE_ID") },
    host: {
      name: text("_HOSTNAME"),
      hostname: text("_HOSTNAME"),
      id: text("_MACHINE_ID"),
      boot: { id: text("_BOOT_ID") },
    },
    process: {
      name: text("_COMM") ?? text("SYSLOG_IDENTIFIER"),
      pid: number("_PID") ?? number("SYSLOG_PID"),
      executable: text("_EXE"),
      command_line: text("_CMDLINE"),
    },
    user: { id: text("_UID") },
    group: { id: text("_GID") },
    log: {
      syslog: {
        ...prioritiesOf(number("SYSLOG_FACILITY"), number("PRIORITY")),
        appname: text("SYSLOG_IDENTIFIER"),
        procid: text("SYSLOG_PID"),
      },
      origin: { file: { name: text("CODE_FILE"), line: number("CODE_LINE") }, function: text("CODE_FUNC") },
    },
    systemd: {
      unit: text("_SYSTEMD_UNIT"),
      user_unit: text("_SYSTEMD_USER_UNIT"),
      slice: text("_SYSTEMD_SLICE"),
      transport: text("_TRANSPORT"),
    },
    journald: othersOf(entry),
  });
};

const prioritiesOf = (facility: number | undefined, severity: number | undefined): Data => {
  const isSeverity = severity !== undefined && severity <= 7;
  const isFacility = facility !== undefined && facility <= 23;
  return {
    ...(isSeverity && isFacility && { priority: facility * 8 + severity }),
    ...(isFacility && { facility: syslogFacility(facility) }),
    ...(isSeverity && { severity: syslogSeverity(severity) }),
  };
};

const othersOf = (entry: Entry): Data =>
  Object.fromEntries(
    Object.entries(entry)
      .filter(([name]) => !known.has(name) && !name.startsWith("__") && name !== "_SOURCE_REALTIME_TIMESTAMP")
      .map(([name, value]) => [name.replace(/^_/, "").toLowerCase(), textOf(value)]),
  );

/** A value as text: journalctl prints bytes as a list of numbers, and several values as a list of these. */
const textOf = (value: unknown): string | string[] | undefined => {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return undefined;
  if (value.every((one) => typeof one === "number")) return Buffer.from(value).toString();
  return value.map((one) => textOf(one)).flatMap((one) => one ?? []);
};

/** From microseconds since 1970. */
const timeText = (time: number): string => {
  const millisecond = Math.floor(time / 1000);
  return new Date(millisecond).toISOString().replace("Z", `${String(time % 1000).padStart(3, "0")}Z`);
};

/** Without what is undefined, and objects that have nothing else. */
const clean = (data: Data): Data =>
  Object.fromEntries(
    Object.entries(data)
      .map(([name, value]) => [name, isObject(value) ? clean(value) : value] as const)
      .filter(([, value]) => value !== undefined && !(isObject(value) && Object.keys(value).length === 0)),
  );
