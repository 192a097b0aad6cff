export { type Account, Batch, type Rejection } from "./batch.ts";
export { type Clock, systemClock } from "./clock.ts";
export { type Event, RecordMeta, withData } from "./event.ts";
export { compilePath } from "./fields/path.ts";
export { fieldValues } from "./fields/values.ts";
export { fingerprint } from "./fingerprint.ts";
export { authorization, clientAuthOption } from "./http/auth.ts";
export { encodings } from "./http/body.ts";
export { knownDecoding } from "./http/content.ts";
export { listenHttp } from "./http/listen.ts";
export { requestHeadersOption, urlOption } from "./http/options.ts";
export { Refusal } from "./http/problem.ts";
export { backoff, backoffOption, retryAfter } from "./http/retry.ts";
export { findRoute, routesOption } from "./http/routes.ts";
export { httpServerOptions } from "./http/server-options.ts";
export { clientTlsOption } from "./http/tls.ts";
export { HttpClient, type HttpResponse } from "./http-client/client.ts";
export { HeaderTemplates } from "./http-client/header-templates.ts";
export { httpWriter } from "./http-client/http-writer.ts";
export { nextLink } from "./http-client/next-link.ts";
export {
  finalStatusesOption,
  headerNameOption,
  headersOption,
  secretUrlOption,
  urlTemplateOption,
} from "./http-client/options.ts";
export { UrlTemplate } from "./http-client/url-template.ts";
export { wholeBody } from "./http-client/whole-body.ts";
export type { Data, Json } from "./json.ts";
export { compileKql, KqlError, type KqlPredicate } from "./kql/index.ts";
export type { NewTerms, Term } from "./new-terms/terms.ts";
export { type DetectOptions, detect } from "./operators/detect.ts";
export { kqlFilter } from "./operators/kql-filter.ts";
export { type KubernetesAuditTools, kubernetesAudit } from "./operators/kubernetes-audit/index.ts";
export { filterEvents, flatMapEvents, mapEvents, RejectError, type Split } from "./operators/lift.ts";
export { type NewTermsOptions, newTerms } from "./operators/new-terms.ts";
export { type AlertOptions, toAlert } from "./operators/to-alert.ts";
export { type Config, type Option, type Options, option } from "./option/option.ts";
export * from "./plugin.ts";
export type { Rule } from "./rules/rule.ts";
export { ruleOption } from "./rules/rule-option.ts";
export { memoryState, type State } from "./state.ts";
export { andMore, Seldom } from "./telemetry/seldom.ts";
export { Template, TemplateError, templatePattern } from "./template/template.ts";
export { connectWebSocket, targetOf } from "./websocket/connect.ts";
export { openEnvelope } from "./websocket/envelope.ts";
export { Heartbeat } from "./websocket/heartbeat.ts";
export { MessageIntake } from "./websocket/intake.ts";
export { type WebSocketClientConfig, webSocketClientOptions, webSocketServerOptions } from "./websocket/options.ts";
export { MessageReception } from "./websocket/reception.ts";
export { serveWebSockets } from "./websocket/server.ts";
export type { ClientSocket, WebSocketConnection } from "./websocket/upgrade.ts";
