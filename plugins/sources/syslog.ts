import { defineSource } from "weir";
import { checkSocketServer, listenSocket, socketServerOptions } from "weir/socket";

export default defineSource({
  name: "syslog",
  replays: false,
  reloads: true,
  summary: "Receives syslog over TCP, TLS, UDP or a Unix socket, in RFC 5424 and RFC 3164.",
  options: socketServerOptions({ listen: "127.0.0.1:5140" }),
  checkOptions: checkSocketServer,
  decoding: { codec: "syslog", framing: "octet_counting", max_line: "64KiB" },
  notes: `
Events have the fields of the codec [syslog](../codecs/syslog.md). Over TCP and UDP they also have \`log.source.address\`, the sender's
address. If a message names no host, \`host.name\` is the sender's address, or on a Unix socket the name of this machine. RFC 3164
timestamps have no time zone: set it with \`codec_options: { timezone: Europe/Berlin }\`.

| protocol | how messages are framed |
| --- | --- |
| TCP, TLS (RFC 6587, RFC 5425) | A message either starts with its length (\`34 <13>…\`, octet counting), or ends with a line feed or a zero byte. weir detects which, message by message. |
| UDP (RFC 5426) | Each datagram is one message. A datagram with several lines is one event. |
| Unix stream socket | Same as TCP. \`logger -u\` and the C library's \`syslog()\` use this if the socket is not a datagram socket. |

**Unix datagram sockets** are not supported, because Node does not support them. Programs that write only datagrams to \`/dev/log\`, such
as those that use musl's \`syslog()\`, need rsyslog or systemd-journald in front of weir; see the source \`journald\`.

**What can be lost.** Syslog has no acknowledgements, so a sender cannot know whether weir has committed a message.

- TCP, TLS, Unix: when weir has no room, it stops reading from the connection, and the sender waits. When weir stops or is killed, it
  loses what the system or weir has received but not committed. This is at most what fits in the connection buffers.
- UDP: messages can always be lost. weir counts the losses it knows about in \`weir_component_refusals_total\`, and logs them:
  \`dropped_datagram\` (sinks are slow, and more than \`max_buffered\` is waiting) and \`dropped_by_system\` (datagrams arrived faster than weir
  read them, and the system's buffer was full; Linux only). Nobody counts what the network drops.

Every message becomes an event, even if the sender repeats it.

**Limits.** A message is at most \`max_line\` long. A longer one goes to the dead letter with its first 64 KiB. So does a message whose
connection closes before all of it has arrived (\`incomplete\`). Each connection buffers at most one message. Connections above
\`max_connections\` are closed and counted as \`connection_limit\`. TCP keepalive closes the connections of clients that are gone.

**TLS** needs \`listen: host:port\`; the usual port is 6514. With \`client_ca\`, weir disconnects clients without a valid certificate and counts
them as \`client_certificate\`.

A reload that changes this source closes its socket and all connections, and opens the socket again.
`,
  listen: (context, offer) => listenSocket(context, offer),
});
