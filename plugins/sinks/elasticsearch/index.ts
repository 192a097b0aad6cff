import { defineSink, option } from "weir";
import { clientTlsOption, compressionOption, HttpClient, httpWriter, requestHeadersOption, urlOption } from "weir/http";
import { authOption } from "./auth.ts";
import { BulkRequest } from "./bulk.ts";
import { IndexName, indexNameOption } from "./index-name.ts";
import { judgeBulk } from "./judge-bulk.ts";
import { Server } from "./server.ts";
import { IndexTemplate } from "./template.ts";

export default defineSink({
  name: "elasticsearch",
  summary: "Sends events to Elasticsearch or OpenSearch, without duplicates.",
  options: {
    url: urlOption("URL of a node, or of a proxy in front of the cluster, with or without a path.", {
      examples: ["https://elasticsearch.example.org:9200"],
    }),
    index: indexNameOption,
    pipeline: option.optional(option.text("Name of an ingest pipeline to run on the events.", { examples: ["geoip"] })),
    index_template: option.oneOf("none", "alerts")(
      "`alerts`: before the first event, weir creates an index template for `index` if there is none, with a data stream and a mapping for alerts.",
      { default: "none" },
    ),
    compression: compressionOption(["none", "gzip"], "none"),
    auth: authOption,
    headers: requestHeadersOption("Additional request headers by name."),
    tls: clientTlsOption,
  },
  notes: `
weir creates events through the bulk API, with the event's id as \`_id\` (or a hash of it, if it is longer than 512 bytes). If it sends
an event again, after a crash or because there was no answer, the server answers 409 and there is no duplicate. This works as
long as both requests go to the same index: if a data stream rolls over in between, it gets the event twice.

| result for an event | what happens to it |
| --- | --- |
| 2xx, 409 | delivered |
| 400 and other 4xx, for example because the mapping refuses a value | goes to the dead letter, with the server's reason |
| 401, 403, 404, 408, 429, 5xx | retried, without the events of the same request that were delivered |

If the whole request fails, the [table of http](http.md) applies.

Documents in a data stream need an \`@timestamp\`; alerts and audit events have one. Without an index template, \`index\` becomes
a plain index, and Elasticsearch guesses its mapping from the first events. To avoid that, set \`index_template: alerts\` for alerts, or create a template
of your own first. weir sends nothing until the template exists. It does not change an existing template of the same name. With
\`index_template: alerts\`, the user needs the cluster privilege \`manage_index_templates\`. The index privileges \`create_doc\` and
\`auto_configure\` are always needed.

The mapping uses the field types of the Elastic Common Schema; other strings are keywords of up to 1,024 characters. A value that does not
fit its field's type is kept, but not indexed.
`,
  delivery: { concurrency: 2, batch: { maxEvents: 1000, maxSize: 5 * 1024 * 1024, timeout: 1000 } },
  open({ config, ...context }) {
    const server = new Server(config, new HttpClient({ tls: config.tls, maxBody: 64 * 1024 * 1024 }));
    const index = new IndexName(config.index);
    const bulk = new BulkRequest(server, { ...config, index });
    const template = config.index_template === "none" ? undefined : new IndexTemplate(server, index);
    const writer = httpWriter({
      client: server.client,
      context,
      origin: server.origin,
      perRequest: Number.POSITIVE_INFINITY,
      target: (event) => bulk.target(event),
      request: (events) => bulk.request(events),
      judge: judgeBulk,
    });
    return {
      async write(events, signal) {
        await template?.ensure(AbortSignal.any([signal, context.signal]));
        return writer.write(events, signal);
      },
      close: async () => server.client.close(),
    };
  },
  async check({ config, signal }) {
    const client = new HttpClient({ tls: config.tls });
    try {
      await new Server(config, client).check(signal);
    } finally {
      client.close();
    }
  },
});
