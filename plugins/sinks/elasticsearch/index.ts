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
  summary: "Sends events to Elasticsearch or OpenSearch, each of them once.",
  options: {
    url: urlOption("URL of a node or of a proxy before the cluster, with or without a path.", {
      examples: ["https://elasticsearch.example.org:9200"],
    }),
    index: indexNameOption,
    pipeline: option.optional(option.text("Ingest pipeline that the events go through.", { examples: ["geoip"] })),
    index_template: option.oneOf("none", "alerts")(
      "`alerts`: before the first event, weir makes an index template for `index`, with a data stream and a mapping for alerts, unless it is there.",
      { default: "none" },
    ),
    compression: compressionOption(["none", "gzip"], "none"),
    auth: authOption,
    headers: requestHeadersOption("Additional request headers by name."),
    tls: clientTlsOption,
  },
  notes: `
Events are created by the bulk API with the id of the event as \`_id\` (a fingerprint of it, if it has more than 512 bytes). An
event that is sent again, after a crash or without an answer, meets itself: the server says 409 to it, and there is no
duplicate. That holds as long as both go to the same index: a data stream that rolled over in between gets it twice.

| outcome of an event | what happens to it |
| --- | --- |
| 2xx, 409 | delivered |
| 400 and other 4xx, such as a value that its mapping refuses | dead letter, with the reason that the server gives |
| 401, 403, 404, 429, 5xx | tried again, without those beside it that were delivered |

If the whole request fails, the [table of http](http.md) holds.

Documents of a data stream need an \`@timestamp\`, which alerts and audit events have. An \`index\` without an index template becomes
a plain index, whose mapping is guessed from the first events: set \`index_template: alerts\` for alerts, or make a template of
your own first. The user then needs the cluster privilege \`manage_index_templates\`, else \`create_doc\` and
\`auto_configure\` for the index are enough. Until the template is there, nothing is sent. One of that name that is there already
is used as it is.

The mapping has the types of the Elastic Common Schema; other texts are keywords of up to 1,024 characters. A value that does not
fit the type of its field is kept, but not indexed.
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
