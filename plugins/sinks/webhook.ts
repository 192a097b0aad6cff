import { createHmac } from "node:crypto";
import { defineSink, fingerprint, type Option, option } from "weir";
import {
  checkUrl,
  clientTlsOption,
  fixedHeaders,
  HttpClient,
  headersOption,
  httpWriter,
  secretUrlOption,
  TargetTemplate,
} from "weir/http";

const keyOption = (description: string): Option<string> => ({
  ...option.secret(description),
  title: "a key: whsec_ followed by base64, or any other text",
  pattern:
    "^(?:(?!whsec_)|whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?|[A-Za-z0-9+/]{4})$)",
});

export default defineSink({
  name: "webhook",
  summary: "Posts each event to a URL as JSON, signed according to the Standard Webhooks specification.",
  options: {
    url: secretUrlOption(
      "URL to post to. `{{ field }}` inserts a field of the event, and is allowed only after the host. Never printed.",
      ["https://hooks.example.org/weir"],
    ),
    secret: keyOption(
      "Key of the signature: `whsec_` followed by a base64 key, or any other text, which is used as it is.",
    ),
    headers: headersOption,
    tls: clientTlsOption,
  },
  notes: `
Each request has the headers \`Webhook-Id\` (the same each time an event is sent), \`Webhook-Timestamp\` (seconds since 1970) and
\`Webhook-Signature\`: \`v1,\` and the HMAC-SHA256 of \`<id>.<timestamp>.<body>\` in base64
([Standard Webhooks](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md)). Any
library for that specification can verify it.

Answers have the same meaning as for the [http](http.md) sink. weir also tries again after 410: it never disables a webhook by
itself.
`,
  delivery: { concurrency: 4, batch: { maxEvents: 16 } },
  open({ config, ...context }) {
    const template = new TargetTemplate(config);
    const fixed = fixedHeaders("application/json");
    const key = keyOf(config.secret);
    return httpWriter({
      client: new HttpClient({ tls: config.tls }),
      context,
      origin: template.origin,
      perRequest: 1,
      target: (event) => template.render(event),
      request: ([event], target) => {
        const { id, json } = event!;
        const signed = { id: fingerprint(id), timestamp: Math.floor(context.clock.now() / 1000), body: json };
        return {
          method: "POST",
          url: target.url,
          headers: { ...fixed, ...target.headers, ...signatureOf(key, signed) },
          body: Buffer.from(json),
        };
      },
    });
  },
  check: checkUrl,
});

interface Signed {
  readonly id: string;
  readonly timestamp: number;
  readonly body: string;
}

const keyOf = (secret: string): Buffer =>
  secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : Buffer.from(secret);

const signatureOf = (key: Buffer, { id, timestamp, body }: Signed) => ({
  "webhook-id": id,
  "webhook-timestamp": String(timestamp),
  "webhook-signature": `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`,
});
