import { backoffOption, type Config, type Options, option } from "weir";
import { clientAuthOption, clientTlsOption, requestHeadersOption, urlOption } from "weir/http";

export const options = {
  url: urlOption("Where the first page is.", { examples: ["https://example.org/api/events"] }),
  interval: option.window("How long to wait when there is nothing more.", { default: "1m" }),
  headers: requestHeadersOption("More request headers, by name."),
  auth: clientAuthOption,
  tls: clientTlsOption,
  cursor: option.group({
    param: option.optional(option.text("The query parameter that takes the cursor.", { examples: ["after"] }), {
      needs: ["field"],
    }),
    field: option.optional(
      option.field("Where the cursor of the next page is in a JSON answer.", { examples: ["meta.next"] }),
      { needs: ["param"] },
    ),
  })("How the next page is asked for, when answers bear no `Link` header with `rel=next`."),
  records: option.optional(
    option.field("Where the list of events is in a JSON answer; without it, the answer is read by its type.", {
      examples: ["data.events"],
    }),
  ),
  timeout: option.window("How long a request may take with its answer.", { default: "30s" }),
  backoff: backoffOption("How long to wait before asking again a server that did not answer well.", {
    initial: "1s",
    max: "1m",
  }),
  max_body: option.bytes("The longest answer, decompressed.", { default: "16MiB" }),
} satisfies Options;

export type HttpClientConfig = Config<typeof options>;
