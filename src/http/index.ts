export { backoff, backoffOption } from "../backoff.ts";
export { type JudgeOptions, judge, type Verdict } from "../http-client/answer.ts";
export { HttpClient, type HttpResponse, type OpenResponse } from "../http-client/client.ts";
export { type Compression, compress, compressionOption } from "../http-client/compression.ts";
export { HeaderTemplates } from "../http-client/header-templates.ts";
export { httpWriter } from "../http-client/http-writer.ts";
export { nextLink } from "../http-client/next-link.ts";
export {
  finalStatusesOption,
  headerNameOption,
  headersOption,
  secretUrlOption,
  urlTemplateOption,
} from "../http-client/options.ts";
export { checkUrl, fixedHeaders, requestOptions, TargetTemplate } from "../http-client/sink-request.ts";
export { UrlTemplate } from "../http-client/url-template.ts";
export { wholeBody } from "../http-client/whole-body.ts";
export { authorization, clientAuthOption, secretCheck } from "./auth.ts";
export { type Decoding, knownDecoding } from "./content.ts";
export { encodings } from "./content-encoding.ts";
export { listenHttp } from "./listen.ts";
export { addressOption, requestHeadersOption, urlOption } from "./options.ts";
export { Refusal } from "./problem.ts";
export type { Answer, Protocol } from "./protocol.ts";
export { retryAfter } from "./retry-after.ts";
export { findRoute, routesOption } from "./routes.ts";
export { httpServerOptions } from "./server-options.ts";
export { clientTlsOption } from "./tls.ts";
export { Turns } from "./turns.ts";
