import { authorization, type ClientAuth, clientAuthOption } from "../http/auth.ts";
import { type ClientTls, clientTlsOption } from "../http/tls.ts";
import type { Delivery } from "../plugin.ts";
import { HttpClient } from "./client.ts";
import type { Compression } from "./compression.ts";
import { HeaderTemplates } from "./header-templates.ts";
import type { Target } from "./http-writer.ts";
import { headersOption } from "./options.ts";
import { UrlTemplate } from "./url-template.ts";

/** Options of a sink that sends requests to a URL with values of the event, beside the URL. */
export const requestOptions = { headers: headersOption, auth: clientAuthOption, tls: clientTlsOption };

/** Headers that every request of a sink has: what its body is, and the credentials. */
export const fixedHeaders = (
  type: string,
  { compression = "none", auth = {} }: { readonly compression?: Compression; readonly auth?: ClientAuth } = {},
): Readonly<Record<string, string>> => {
  const shown = authorization(auth);
  return {
    "content-type": type,
    ...(compression !== "none" && { "content-encoding": compression }),
    ...(shown !== undefined && { authorization: shown }),
  };
};

/** A URL and headers with values of the event. */
export class TargetTemplate {
  /** Scheme, host and port, for messages. */
  readonly origin: string;
  readonly #url: UrlTemplate;
  readonly #headers: HeaderTemplates;

  constructor({ url, headers }: { readonly url: string; readonly headers: Readonly<Record<string, string>> }) {
    this.#url = new UrlTemplate(url);
    this.#headers = new HeaderTemplates(headers);
    this.origin = this.#url.origin;
  }

  /** Throws a TemplateError. */
  render({ data, meta }: Pick<Delivery, "data" | "meta">): Target {
    return { url: this.#url.render(data, meta), headers: this.#headers.render(data, meta) };
  }
}

/** The check of a sink: resolves when the host of its URL accepts connections; rejects with a sentence. */
export const checkUrl = async ({ config, signal }: CheckedUrl): Promise<void> => {
  await new HttpClient({ tls: config.tls ?? {} }).check(new URL(config.url).origin, signal);
};

interface CheckedUrl {
  readonly config: { readonly url: string; readonly tls?: ClientTls };
  readonly signal: AbortSignal;
}
