import { defineSink } from "weir";
import { checkUrl, HttpClient, httpWriter, secretUrlOption, UrlTemplate } from "weir/http";
import { messageText } from "./message.ts";

export default defineSink({
  name: "slack",
  summary: "Posts each alert to a Slack channel as a readable message.",
  options: {
    url: secretUrlOption("URL of the incoming webhook. Never printed.", ["https://hooks.slack.com/services/T0/B0/x"]),
  },
  notes: `
Create the URL under *Incoming Webhooks* of a Slack app, and keep it out of the pipeline file:
\`url: "\${file:/run/secrets/slack_url}"\`.

The message for an alert shows its rule, severity, reason and new terms; any other event is shown as JSON. Nothing in an event
can mention people or create a link. Slack accepts about one message per second: when it asks for a pause, weir waits, and the
alerts wait in the outbox.
`,
  delivery: { concurrency: 1, batch: { maxEvents: 1 } },
  open({ config, ...context }) {
    const url = new UrlTemplate(config.url);
    return httpWriter({
      client: new HttpClient(),
      context,
      origin: url.origin,
      perRequest: 1,
      target: ({ data, meta }) => ({ url: url.render(data, meta), headers: {} }),
      request: ([event], target) => ({
        method: "POST",
        url: target.url,
        headers: { "content-type": "application/json" },
        body: Buffer.from(JSON.stringify({ text: messageText(event!), unfurl_links: false })),
      }),
    });
  },
  check: checkUrl,
});
