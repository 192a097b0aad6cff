import { defineCodec, option } from "weir";
import { parseSyslog, readSyslog, syslogTime, zoneOf } from "weir/formats";

export default defineCodec({
  name: "syslog",
  summary: "Each record is a message of syslog, of RFC 5424 or RFC 3164.",
  options: {
    format: option.oneOf(
      "auto",
      "rfc5424",
      "rfc3164",
    )(
      "The format of the messages. `auto`: RFC 5424 if a priority and a version come first, such as `<34>1 `, and RFC 3164 otherwise.",
      { default: "auto" },
    ),
    timezone: option.compiled("a time zone such as Europe/Berlin or +02:00", (text) => {
      const zone = zoneOf(text);
      if (!zone) throw new Error("there is no such zone");
      return zone;
    })("The time zone of times that name none, as in RFC 3164.", { default: "UTC" }),
  },
  notes: `
An event has \`@timestamp\`, \`message\`, \`host.name\` and \`host.hostname\`, \`process.name\` and \`process.pid\`, and under \`log.syslog\`
the \`priority\`, \`facility\` and \`severity\` with their names, \`hostname\`, \`appname\`, \`procid\`, \`msgid\`, \`version\` and
\`structured_data\`, as far as the message has them. A time without a year is the last one that is not in the future. A line of a
file without a priority, such as those of /var/log/messages, is read as RFC 3164.

**Messages that are not well formed.** RFC 3164 says that a message may be anything: what is not a header is its text, and a
message without a host, as programs write it to a socket of their machine, has none. With \`auto\`, a message of RFC 5424 whose
header or structured data are wrong keeps what can be read, has the rest in \`message\`, and says in \`error.message\` what is
wrong. A priority above 191 goes to the dead letter, and with \`rfc5424\` every message that is not well formed.
`,
  decode:
    ({ config: { format, timezone: zone } }) =>
    (text, _bytes, now) => {
      const found = format === "auto" ? readSyslog(text) : parseSyslog(text, format);
      const time = syslogTime(found, { zone, now });
      const { hostname, appname, procid } = found.syslog;
      const hasAbout = Object.keys(found.syslog).length > 0;
      const pid = typeof procid === "string" && /^[1-9]\d{0,9}$/.test(procid) ? Number(procid) : undefined;
      const process = { ...(appname !== undefined && { name: appname }), ...(pid !== undefined && { pid }) };
      return {
        ...(time !== undefined && { "@timestamp": time }),
        ...(hostname !== undefined && { host: { name: hostname, hostname } }),
        ...(Object.keys(process).length > 0 && { process }),
        ...(hasAbout && { log: { syslog: found.syslog } }),
        message: found.message,
        ...(found.flaw !== undefined && { error: { message: found.flaw } }),
      };
    },
});
