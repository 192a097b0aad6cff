import { clientAuthOption } from "../../http/auth.ts";
import { requestHeadersOption, urlOption } from "../../http/options.ts";
import { clientTlsOption } from "../../http/tls.ts";
import type { Data } from "../../json.ts";
import { option, schemaFor } from "../../option/option.ts";
import { rowFormats } from "../rows.ts";

const delimiter = option.compiled("one character", (text) => {
  if (text.length !== 1 || text === '"') throw new Error("it must be one character other than a quote");
  return text;
});

const entry = option.oneOption(
  {
    file: option.path("The file with the indicators. It is read again when it has changed."),
    url: urlOption("The page with the indicators. It is fetched before the first event, and then at each `refresh`.", {
      examples: ["https://feeds.example.org/indicators.ndjson"],
    }),
  },
  {
    index: option.optional(
      option.text(
        "The name of the index that they stand for: rules name indices and patterns under `threat_index`. Without a name, they are for every rule.",
      ),
    ),
    format: option.optional(option.oneOf(...rowFormats)("The format; by default, the end of the name says it.")),
    delimiter: delimiter("The character between two values of CSV.", { default: "," }),
    fields: option.optional(
      option.map(option.field, { title: "the name of a column or a member", pattern: "^" })(
        "Columns and the fields that they become.",
        { examples: [{ ip: "threat.indicator.ip" }] },
      ),
    ),
    add: option.optional(
      schemaFor<Data>({
        title: "a map",
        type: "object",
        description: "Fields that every indicator has, unless it has another value.",
        examples: [{ "event.module": "threatintel" }],
      }),
    ),
    max_size: option.bytes("The largest size, as stored or decompressed.", { default: "128MiB" }),
    refresh: option.optional(
      option.window("How often to look for changes while events come: 10s by default, 15m for a URL."),
    ),
    headers: requestHeadersOption("Additional request headers by name, for a URL."),
    auth: clientAuthOption,
    tls: clientTlsOption,
    timeout: option.window("Time limit of a request with its response.", { default: "1m" }),
  },
);

/** An option that is a list of places with indicators; see `openIndicators`. */
export const indicatorsOption = option.list(entry, { maxItems: 100 });
