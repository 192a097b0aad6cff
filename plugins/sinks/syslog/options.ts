import { type Option, type Options, option } from "weir";
import { Template, templateOption as template } from "weir/fields";
import { socketClientOptions } from "weir/socket";

const structuredData = option.compiled('structured data such as [origin@32473 id="{{ _meta.id }}"]', (text) => {
  const made = new Template(text);
  const name = String.raw`[!#-<>-\\^-~]{1,32}`;
  const sample = new RegExp(String.raw`^(?:\[${name}(?: ${name}="(?:[^"\\\]]|\\["\\\]])*")*\])+$`);
  if (!sample.test(made.sample("x")))
    throw new Error('an element must be [name key="value" …], with a backslash before ", \\ and ] in values');
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
  id: template("Device event class ID.", { default: "{{ kibana.alert.rule.rule_id:-event }}" }),
  name: template("Name.", { default: "{{ kibana.alert.rule.name:-event }}" }),
  severity: template("Severity: 0 to 10, `low`, `medium`, `high` or `critical`. Anything else becomes `Unknown`.", {
    default: "{{ kibana.alert.severity:-unknown }}",
  }),
  extension: option.map(template, { title: "a key such as src or cs1", pattern: "^[A-Za-z0-9_.]+$" })(
    "Extension: keys and values. Keys for which the event has no value are left out; times become milliseconds since 1970. Setting it replaces the whole default.",
    { default: extension },
  ),
};

export const options = {
  ...socketClientOptions,
  framing: option.oneOf("octet_counting", "newline")(
    "TCP, TLS, Unix: how messages are framed (RFC 6587). `octet_counting`: each message starts with its length. `newline`: each message ends with a line feed; line feeds within it become `#012`.",
    { default: "octet_counting" },
  ),
  rfc: option.oneOf("5424", "3164")("Format of the header: RFC 5424 or RFC 3164.", { default: "5424" }) as Option<
    "5424" | "3164"
  >,
  format: option.oneOf(
    "json",
    "text",
    "cef",
  )("Format of the message: the event as JSON, the text in `message`, or CEF (ArcSight's Common Event Format).", {
    default: "json",
  }),
  message: template("Message for `format: text`.", { default: "{{ message }}" }),
  facility: template("Facility: a name such as `local4`, or a code. Unknown values become `user`.", {
    default: "{{ log.syslog.facility.code:-user }}",
  }),
  severity: template(
    "Severity: a name such as `err`, a code, or an alert severity: `low` becomes `notice`, `medium` becomes `warning`, `high` becomes `err`, `critical` becomes `crit`. Unknown values become `info`.",
    { default: "{{ log.syslog.severity.code:-info }}", examples: ["{{ kibana.alert.severity:-info }}"] },
  ),
  hostname: template("Host name in the header.", { default: "{{ host.name:-- }}" }),
  appname: template("Program name in the header.", { default: "{{ log.syslog.appname:-weir }}" }),
  procid: template("Process id in the header.", { default: "{{ log.syslog.procid:-- }}" }),
  msgid: template("Message type in the header.", { default: "{{ log.syslog.msgid:-- }}" }),
  structured_data: option.optional(
    structuredData("Structured data. Placeholders are allowed only inside values.", {
      examples: ['[weir@32473 id="{{ _meta.id }}"]'],
    }),
  ),
  cef: option.group(cef)("Parts of the message for `format: cef`."),
} satisfies Options;
