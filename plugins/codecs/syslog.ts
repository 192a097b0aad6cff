import { defineCodec, option } from "weir";
import { parseSyslog, readSyslog, syslogTime, zoneOf } from "weir/formats";

export default defineCodec({
  name: "syslog",
  summary: "Each record is a syslog message in RFC 5424 or RFC 3164 format.",
  options: {
    format: option.oneOf(
      "auto",
      "rfc5424",
      "rfc3164",
    )(
      "Format of the messages. `auto`: RFC 5424 if the message starts with a priority and a version, such as `<34>1 `; otherwise RFC 3164.",
      { default: "auto" },
    ),
    timezone: option.compiled("a time zone such as Europe/Berlin or +02:00", (text) => {
      const zone = zoneOf(text);
      if (!zone) throw new Error("there is no such zone");
      return zone;
    })("Time zone for timestamps that have none, as in RFC 3164.", { default: "UTC" }),
  },
  notes: `
Events have \`@timestamp\`, \`message\`, \`host.name\` and \`host.hostname\`, \`process.name\` and \`process.pid\`, as far as the message has them. Under
\`log.syslog\` they have \`priority\`, \`facility\` and \`severity\` with their names, \`hostname\`, \`appname\`, \`procid\`, \`msgid\`, \`version\` and
\`structured_data\`. If a timestamp has no year, weir takes the latest one that is not in the future. Lines without a priority, such as those in
/var/log/messages, are read as RFC 3164.

**Malformed messages.** In RFC 3164, anything is a valid message: what is not a header is text. Programs write messages without a host to
a socket on their own machine; their events have no \`host.name\` from the message. With \`auto\`, if the header or structured data of an RFC 5424 message is
wrong, the event has the fields that weir could read, the rest in \`message\`, and the error in \`error.message\`. Messages with a priority above 191
go to the dead letter. With \`rfc5424\`, so does every malformed message.
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
