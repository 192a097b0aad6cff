import { defineSource, option } from "weir";
import { httpServerOptions, listenHttp } from "weir/http";
import { firehoseProtocol } from "./protocol.ts";

const decoding = { framing: "newline", codec: "json" } as const;

export default defineSource({
  name: "aws_firehose",
  summary:
    "Receives records from the HTTP endpoint destination of Amazon Data Firehose, and answers once they are committed.",
  options: {
    ...httpServerOptions({ listen: "127.0.0.1:8443", max_body: "16MiB", max_receiving: "64MiB" }),
    access_keys: option.list(option.secret)(
      "Access keys to accept, as configured in Firehose. Without any, `auth` and `tls.client_ca` decide who may send.",
      { default: [], examples: [["${env:FIREHOSE_ACCESS_KEY}"]] },
    ),
    max_unpacked: option.bytes(
      "Largest total size of the records in a request, after decompression. A larger request is answered with 413.",
      { default: "128MiB" },
    ),
  },
  notes: `
[Cloud sources](../../cloud-sources.md) shows how to set up Firehose for the audit log of Amazon EKS.

Firehose sends \`{"requestId": …, "timestamp": …, "records": [{"data": "BASE64"}]}\`
([specification](https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html)). weir decodes each record from base64,
decompresses it if it is gzip, and reads it with the component's \`framing\` and \`codec\`: by default, each line is an event in JSON. A
record from a CloudWatch Logs subscription is one event, with the log events in a list under \`logEvents\`; \`kubernetes_audit\` extracts
the audit events. If Firehose decompresses the records and extracts the messages, each message is an event.

A record that is not base64, or whose gzip data is damaged, becomes a line of text with the reason and the record. With the codec \`json\`,
this line goes to the dead letter.

| answer | when |
| --- | --- |
| 200 | The events are committed: they are on disk and will be delivered. |
| 400 | The body is not a Firehose request; or more than 1,000 of its lines are not events, and weir did not read the rest. |
| 401 | The access key is missing or not one of \`access_keys\`. |
| 403, 404, 405, 408, 415 | as for \`http_server\` |
| 413 | The body is larger than \`max_body\`, or its records are larger than \`max_unpacked\`; or it has more than 20,000 objects and lists. |
| 429, 503 | There is no room because sinks are slow; or weir is stopping. |

Each answer is the JSON that Firehose expects, with the \`requestId\` and, for errors, \`errorMessage\`. After any answer but 200, Firehose sends
the request again until the stream's retry duration ends. Then it writes the records to the stream's S3 backup bucket.
Event ids are derived from the body, so a repeated request produces the same ids.

Firehose requires HTTPS on port 443, with a certificate from a public authority. Set \`tls\`, or put a proxy or load balancer in front.
The common attributes of a stream (\`X-Amz-Firehose-Common-Attributes\`) are ignored.
`,
  decoding,
  listen: (context, offer) => listenHttp(context, offer, () => ({}), firehoseProtocol(context)),
});
