import { defineSink, option } from "weir";
import { compilePath, parseMoment, templateOption } from "weir/fields";
import {
  checkUrl,
  clientAuthOption,
  clientTlsOption,
  fixedHeaders,
  HttpClient,
  httpWriter,
  requestHeadersOption,
  urlOption,
} from "weir/http";
import { TextTemplates } from "./text-templates.ts";

const templates = option.map(templateOption, {
  title: "the name of a label: letters, digits and underscores",
  pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
});

/** When an alert began: of alerts, the start; of other events, their time. */
const times = ["kibana.alert.start", "@timestamp"].map(compilePath);

export default defineSink({
  name: "alertmanager",
  summary: "Sends alerts to Prometheus Alertmanager, which groups, silences and routes them.",
  options: {
    url: urlOption("URL of Alertmanager, with the path of its `--web.route-prefix` if that is set.", {
      examples: ["http://alertmanager.example.org:9093"],
    }),
    labels: templates(
      "Labels by name. Alertmanager treats alerts with the same labels as one alert. `{{ field }}` inserts a field of the event.",
      {
        default: {
          alertname: "{{ kibana.alert.rule.name:-weir }}",
          severity: "{{ kibana.alert.severity:-none }}",
          rule_id: "{{ kibana.alert.rule.rule_id:- }}",
          alert_id: "{{ kibana.alert.uuid:- }}",
        },
      },
    ),
    annotations: templates("Annotations by name. `{{ field }}` inserts a field of the event.", {
      default: { summary: "{{ kibana.alert.rule.name:- }}", description: "{{ kibana.alert.reason:- }}" },
    }),
    resolve_after: option.window(
      "How long an alert fires after weir has sent it. A detection reports that something happened, but never that it is over.",
      { default: "1h" },
    ),
    auth: clientAuthOption,
    headers: requestHeadersOption("Additional request headers by name."),
    tls: clientTlsOption,
  },
  notes: `
weir posts each event to \`/api/v2/alerts\`. Its start time is \`kibana.alert.start\`, or \`@timestamp\` if there is none. An alert that is sent again,
after a crash or because there was no answer, has the same labels, so it is not a second alert.

Alertmanager identifies alerts by their labels alone. With the default labels, every alert of a rule is separate. To merge
alerts, remove \`alert_id\` and add the label that they share: with \`host: "{{ host.name:- }}"\`, you get one alert per rule and host.
Labels whose value is empty are left out. If an event has no value for a placeholder, it goes to the dead letter, unless the placeholder
has a default (\`:-other\`). So does an event that Alertmanager refuses (400), with its reason. For all other answers, the
[table of http](http.md) applies.

If you run Alertmanager as a cluster, add one sink for each instance.
`,
  delivery: { concurrency: 1, batch: { maxEvents: 64, maxSize: 1024 * 1024, timeout: 200 } },
  open({ config, ...context }) {
    const [labels, annotations] = [new TextTemplates(config.labels), new TextTemplates(config.annotations)];
    const url = `${config.url.replace(/\/*$/, "")}/api/v2/alerts`;
    const { auth } = config;
    const target = { url, headers: { ...fixedHeaders("application/json", { auth }), ...config.headers } };
    return httpWriter({
      client: new HttpClient({ tls: config.tls }),
      context,
      origin: new URL(url).origin,
      perRequest: Number.POSITIVE_INFINITY,
      // What cannot be rendered has no place to go.
      target: (event) => {
        labels.render(event);
        annotations.render(event);
        return target;
      },
      request: (events) => {
        const now = context.clock.now();
        const alerts = events.map((event) => {
          const start = times.flatMap((field) => field.values(event.data)).find((value) => typeof value === "string");
          const at = (typeof start === "string" ? parseMoment(start)?.at : undefined) ?? event.meta.ingested;
          return {
            labels: labels.render(event),
            annotations: annotations.render(event),
            startsAt: new Date(Math.min(at, now)).toISOString(),
            endsAt: new Date(now + config.resolve_after).toISOString(),
          };
        });
        return { method: "POST", url, headers: target.headers, body: Buffer.from(JSON.stringify(alerts)) };
      },
    });
  },
  check: checkUrl,
});
