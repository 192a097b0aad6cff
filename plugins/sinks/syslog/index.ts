import { type Config, type Delivery, defineSink, type Outcome } from "weir";
import { TemplateError } from "weir/fields";
import { checkSocketClient, DatagramSender, StreamSender } from "weir/socket";
import { messageOf } from "./message.ts";
import { options } from "./options.ts";

type SyslogConfig = Config<typeof options>;
type Failure = NonNullable<Outcome["failed"]>[number];

export default defineSink({
  name: "syslog",
  summary: "Sends events as syslog over TCP, TLS, UDP or a Unix socket, in RFC 5424 or RFC 3164 format, or as CEF.",
  options,
  checkOptions: checkSocketClient,
  delivery: { concurrency: 1 },
  notes: `
\`\`\`
<134>1 2026-03-01T12:00:00.000Z cp-1 weir - - - {"@timestamp":"2026-03-01T12:00:00.000Z",…}
\`\`\`

A header field for which the event has no value is \`-\`. The time is \`@timestamp\`, or the time when weir received the event; with \`rfc: "3164"\`,
it is in UTC. Characters that are not allowed in a header become \`_\`. If an event has no value for \`message\`, it goes to the dead
letter.

**CEF.** \`format: cef\` writes messages for ArcSight, QRadar, Sentinel and other SIEMs. By default, the message for a weir alert contains its rule,
severity and reason, and its source, destination, user, host, request and user agent, as far as the alert has them. Placeholders can
insert any field, and \`cef.extension\` can have any key:

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

**What can be lost.** Syslog has no acknowledgements, so a sender cannot know whether the receiver has processed a message.

| address | an event counts as delivered when | what can be lost |
| --- | --- | --- |
| TCP, TLS, Unix | the system has accepted the whole write, and the connection is still open | what was in transit when the connection broke or the receiver was killed |
| the same with \`confirm: true\` | the receiver has read everything and closed the connection | what the receiver had read but not processed when it was killed |
| UDP | the system has sent it | anything |

If a write fails, weir repeats all of it over a new connection, so some messages can arrive twice, and the last message on the old
connection can be cut off. To give the receiver the event's id, which does not change when weir repeats it, set
\`structured_data: '[weir@32473 id="{{ _meta.id }}"]'\`.

\`confirm\` opens a connection for each write. The receiver must close its side when weir has closed its own, as rsyslog, syslog-ng and weir
do. If it does not, weir repeats the write forever, and logs it. Without \`confirm\`, weir notices when the receiver closes the connection, and
reconnects before the next write.

**UDP**: a message that is too long for a datagram goes to the dead letter. Many receivers truncate messages at 2 KiB or 8 KiB.

**Unix sockets** must be stream sockets, because Node has no Unix datagram sockets. \`/dev/log\` and \`/run/systemd/journal/syslog\` are usually
datagram sockets.
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
        this.failed.push({ index, message: `cannot make a message from the event: ${error.message}`, final: true });
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
