import { type Config, type Delivery, defineSink, type Outcome } from "weir";
import { TemplateError } from "weir/fields";
import { DatagramSender, StreamSender } from "weir/socket";
import { messageOf } from "./message.ts";
import { options } from "./options.ts";

type SyslogConfig = Config<typeof options>;
type Failure = NonNullable<Outcome["failed"]>[number];

export default defineSink({
  name: "syslog",
  summary: "Sends events as syslog over TCP, TLS, UDP or a Unix socket, in RFC 5424 or RFC 3164, also as CEF.",
  options,
  delivery: { concurrency: 1 },
  notes: `
\`\`\`
<134>1 2026-03-01T12:00:00.000Z cp-1 weir - - - {"@timestamp":"2026-03-01T12:00:00.000Z",…}
\`\`\`

What a header needs and an event does not have is \`-\`. The time is \`@timestamp\`, or else when weir read the event; with \`rfc: "3164"\` it is
in UTC. Characters that a header cannot have become \`_\`. An event for which \`message\` has no value goes to the dead letter.

**CEF.** \`format: cef\` makes messages for ArcSight, QRadar, Sentinel and others. By default an alert of weir has its rule, severity
and reason, and those of these fields that it has: source, destination, user, host, request, user agent. Placeholders read any field,
and \`cef.extension\` any key:

\`\`\`yaml
siem:
  type: syslog
  inputs: [detect]
  address: tls://siem.example.org:6514
  severity: "{{ kibana.alert.severity:-info }}"
  format: cef
  cef:
    extension: { rt: "{{ @timestamp }}", suser: "{{ user.name }}", cs1Label: namespace, cs1: "{{ orchestrator.namespace }}" }
\`\`\`

**What can be lost.** Syslog has no acknowledgements, so no sender can know whether a message was processed.

| address | an event counts as delivered when | what can be lost |
| --- | --- | --- |
| TCP, TLS, Unix | the system has taken all of its write, and the connection still stands | what was on its way when the connection broke, or when the receiver was killed |
| the same with \`confirm: true\` | the receiver has read everything and closed the connection | what the receiver had read when it was killed |
| UDP | the system has sent it | anything |

A write that fails is repeated as a whole, over a new connection, so messages can arrive twice, also in part at the end of a connection.
\`structured_data: '[weir@32473 id="{{ _meta.id }}"]'\` gives a receiver the id of the event, which is the same in repeats.

\`confirm\` costs a connection for each write. The receiver has to close a connection whose end it has seen, as rsyslog, syslog-ng and weir
do; a write to one that does not is repeated without end, which the log shows. When a receiver closes a connection that stays open, weir notices
and connects again before the next write.

**UDP**: a message that is too long for a datagram goes to the dead letter. Many receivers cut messages of more than 2 KiB or 8 KiB.

**Unix sockets** must be stream sockets: Node has no datagram sockets, which \`/dev/log\` and \`/run/systemd/journal/syslog\` usually are.
`,
  check: async ({ config, clock, signal }) => {
    const { address } = config;
    if (address.protocol !== "udp") await new StreamSender(address, config, clock).check(signal);
  },
  open({ config, clock }) {
    const { address } = config;
    const sender = address.protocol === "udp" ? new DatagramSender(address) : new StreamSender(address, config, clock);
    return {
      async write(events, signal) {
        const made = new Messages(events, config);
        if (made.messages.length === 0) return { failed: made.failed };
        if (sender instanceof DatagramSender) return made.outcome(await sender.send(made.messages, signal));
        await sender.send(Buffer.concat(made.messages), signal);
        return made.outcome([]);
      },
      close: () => sender.close(),
    };
  },
});

/** The messages of a write, and the events of which none can be made. */
class Messages {
  readonly messages: Buffer[] = [];
  readonly failed: Failure[] = [];
  /** Of each message, the index of its event. */
  readonly #indexes: number[] = [];

  constructor(events: readonly Delivery[], config: SyslogConfig) {
    for (const [index, event] of events.entries()) {
      try {
        this.messages.push(framed(event, config));
        this.#indexes.push(index);
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        this.failed.push({ index, message: `there is no message for the event: ${error.message}`, final: true });
      }
    }
  }

  /** With failures by the indexes of messages. */
  outcome(failures: readonly Failure[]): Outcome {
    return { failed: [...this.failed, ...failures.map((one) => ({ ...one, index: this.#indexes[one.index]! }))] };
  }
}

const framed = (event: Delivery, config: SyslogConfig): Buffer => {
  const isDatagram = config.address.protocol === "udp";
  const isLine = !isDatagram && config.framing === "newline";
  const bytes = Buffer.from(messageOf(config, event, isLine));
  if (isDatagram) return bytes;
  return Buffer.concat(isLine ? [bytes, Buffer.from("\n")] : [Buffer.from(`${bytes.length} `), bytes]);
};
