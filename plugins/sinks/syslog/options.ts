import { type Option, type Options, option } from "weir";
import { Template, templateOption as template } from "weir/fields";
import { socketClientOptions } from "weir/socket";

const structuredData = option.compiled('structured data such as [origin@32473 id="{{ _meta.id }}"]', (text) => {
  const made = new Template(text);
  const name = String.raw`[!#-<>-\\^-~]{1,32}`;
  const sample = new RegExp(String.raw`^(?:\[${name}(?: ${name}="(?:[^"\\\]]|\\["\\\]])*")*\])+$`);
  if (!sample.test(made.sample("x")))
    throw new Error('an element is [name key="value" …], with a backslash before ", \\ and ] in values');
  return made;
});

const extension = {
  rt: "{{ @timestamp }}",
  externalId: "{{ kibana.alert.uuid }}",
  msg: "{{ kibana.alert.reason }}",
  cat: "{{ event.category }}",
  act: "{{ event.action }}",
  outcome: "{{ event.outcome }}",
  src: "{{ source.ip }}",
  spt: "{{ source.port }}",
  dst: "{{ destination.ip }}",
  dpt: "{{ destination.port }}",
  suser: "{{ user.name }}",
  dvchost: "{{ host.name }}",
  request: "{{ url.original }}",
  requestClientApplication: "{{ user_agent.original }}",
};

const cef = {
  vendor: template("Device vendor.", { default: "weir" }),
  product: template("Device product.", { default: "weir" }),
  version: template("Device version.", { default: "1" }),
  id: template("Device event class id.", { default: "{{ kibana.alert.rule.rule_id:-event }}" }),
  name: template("Name.", { default: "{{ kibana.alert.rule.name:-event }}" }),
  severity: template(
    "Severity: 0 to 10, or a word: `low`, `medium`, `high`, `critical`. Anything else becomes `Unknown`.",
    { default: "{{ kibana.alert.severity:-unknown }}" },
  ),
  extension: option.map(template, { title: "a key such as src or cs1", pattern: "^[A-Za-z0-9_.]+$" })(
    "The extension: keys with their values. A value that an event does not have is left out; times become milliseconds since 1970. It replaces the default as a whole.",
    { default: extension },
  ),
};

export const options = {
  ...socketClientOptions,
  framing: option.oneOf("octet_counting", "newline")(
    "TCP, TLS, Unix: how messages are framed (RFC 6587). `octet_counting`: the length stands before each message. `newline`: a line feed ends each message; line feeds within a message become `#012`.",
    { default: "octet_counting" },
  ),
  rfc: option.oneOf("5424", "3164")("The RFC that has the header.", { default: "5424" }) as Option<"5424" | "3164">,
  format: option.oneOf(
    "json",
    "text",
    "cef",
  )("What the message is: the event as JSON, the text of `message`, or CEF (ArcSight's Common Event Format).", {
    default: "json",
  }),
  message: template("The message, with `format: text`.", { default: "{{ message }}" }),
  facility: template("The facility: a name such as `local4`, or its code. One that does not exist becomes `user`.", {
    default: "{{ log.syslog.facility.code:-user }}",
  }),
  severity: template(
    "The severity: a name such as `err`, its code, or a word of alerts: `low` is `notice`, `medium` is `warning`, `high` is `err`, `critical` is `crit`. Anything else becomes `info`.",
    { default: "{{ log.syslog.severity.code:-info }}", examples: ["{{ kibana.alert.severity:-info }}"] },
  ),
  hostname: template("The host in the header.", { default: "{{ host.name:-- }}" }),
  appname: template("The program in the header.", { default: "{{ log.syslog.appname:-weir }}" }),
  procid: template("The process in the header.", { default: "{{ log.syslog.procid:-- }}" }),
  msgid: template("The kind of message in the header.", { default: "{{ log.syslog.msgid:-- }}" }),
  structured_data: option.optional(
    structuredData("Structured data; placeholders only within values.", {
      examples: ['[weir@32473 id="{{ _meta.id }}"]'],
    }),
  ),
  cef: option.group(cef)("With `format: cef`, what the message consists of."),
} satisfies Options;
