import { defineSource } from "weir";
import { listenSocket, socketServerOptions } from "weir/socket";

export default defineSource({
  name: "syslog",
  replays: false,
  reloads: true,
  summary: "Receives syslog over TCP, TLS, UDP or a Unix socket, in RFC 5424 and RFC 3164.",
  options: socketServerOptions({ listen: "127.0.0.1:5140" }),
  decoding: { codec: "syslog", framing: "octet_counting", max_line: "64KiB" },
  notes: `
An event has the fields of the codec [syslog](../codecs/syslog.md), and over TCP and UDP \`log.source.address\`, the address of the
sender. Without a host in the message, \`host.name\` is that address, and on a Unix socket it is this machine.
\`codec_options: { timezone: Europe/Berlin }\` sets the zone of times that name none, as in RFC 3164.

| protocol | framing of messages |
| --- | --- |
| TCP, TLS (RFC 6587, RFC 5425) | Each message either has its length before it (\`34 <13>…\`, octet counting), or ends with a line feed or a zero byte. weir detects which for each message. |
| UDP (RFC 5426) | A datagram is a message; one with several lines is one event. |
| Unix stream socket | As TCP. This is what \`logger -u\` and the C library's \`syslog()\` use if the socket is no datagram socket. |

**Unix datagram sockets** are not supported, because Node has none. A program that writes only datagrams to \`/dev/log\`, such as one with
musl's \`syslog()\`, needs rsyslog or systemd-journald before weir; see the source \`journald\`.

**What can be lost.** Syslog has no acknowledgements: a sender cannot know whether weir has committed a message.

- TCP, TLS, Unix: while there is no room, weir stops reading from the connection, and the sender waits. What the system or weir
  has received and not committed is lost when weir stops or is killed; it is at most the buffers of the connections.
- UDP: loss cannot be excluded. What weir knows of is counted in \`weir_component_refusals_total\`, and logged: \`dropped_datagram\`
  (more than \`max_buffered\` waits for slow sinks) and \`dropped_by_system\` (the system's buffer was full: datagrams arrived faster than
  weir read them; Linux only). The network drops others, which nobody counts.

Each message is an event of its own, also if a sender sends the same one twice.

**Limits.** A message is at most \`max_line\` long; a longer one goes to the dead letter with its first 64 KiB, and so does a message
whose connection ends before its announced length (\`incomplete\`). A connection takes memory for one message. Connections beyond
\`max_connections\` are closed and counted as \`connection_limit\`. The system probes idle connections, and ends those whose clients
have gone.

**TLS** needs \`listen: host:port\`; the usual port is 6514. With \`client_ca\`, a client without a valid certificate is disconnected, which is
counted as \`client_certificate\`.

A reload that changes the source closes its connections and its socket, and opens them again.
`,
  listen: (context, offer) => listenSocket(context, offer),
});
