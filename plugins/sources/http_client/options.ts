import { type Config, type Options, option } from "weir";
import { backoffOption, clientAuthOption, clientTlsOption, requestHeadersOption, urlOption } from "weir/http";

export const options = {
  url: urlOption("URL of the first page.", { examples: ["https://example.org/api/events"] }),
  interval: option.window("How long to wait after the last page.", { default: "1m" }),
  headers: requestHeadersOption("Additional request headers by name."),
  auth: clientAuthOption,
  tls: clientTlsOption,
  cursor: option.group({
    param: option.optional(option.text("Query parameter for the cursor.", { examples: ["after"] }), {
      needs: ["field"],
    }),
    field: option.optional(
      option.field("Field of a JSON response that has the cursor of the next page.", { examples: ["meta.next"] }),
      { needs: ["param"] },
    ),
  })("How to request the next page when responses have no `Link` header with `rel=next`."),
  records: option.optional(
    option.field("Field of a JSON response that has the list of events; without it, the `Content-Type` decides.", {
      examples: ["data.events"],
    }),
  ),
  timeout: option.window("Time limit of a request with its response.", { default: "30s" }),
  backoff: backoffOption("How long to wait after a failed request.", {
    initial: "1s",
    max: "1m",
  }),
  max_body: option.bytes("Largest response, both as sent and decompressed.", { default: "16MiB" }),
} satisfies Options;

export type HttpClientConfig = Config<typeof options>;
