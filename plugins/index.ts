// Written by `npm run generate`: do not edit.
import type { Plugin } from "weir";
import blackholeSink from "./sinks/blackhole.ts";
import consoleSink from "./sinks/console/index.ts";
import fileSink from "./sinks/file/index.ts";
import httpSink from "./sinks/http/index.ts";
import slackSink from "./sinks/slack/index.ts";
import webhookSink from "./sinks/webhook.ts";
import websocketClientSink from "./sinks/websocket_client/index.ts";
import websocketServerSink from "./sinks/websocket_server/index.ts";
import demoSource from "./sources/demo/index.ts";
import fileSource from "./sources/file/index.ts";
import httpClientSource from "./sources/http_client/index.ts";
import httpServerSource from "./sources/http_server.ts";
import kubernetesAuditWebhookSource from "./sources/kubernetes_audit_webhook.ts";
import stdinSource from "./sources/stdin.ts";
import websocketClientSource from "./sources/websocket_client/index.ts";
import websocketServerSource from "./sources/websocket_server/index.ts";
import alertTransform from "./transforms/alert.ts";
import detectionTransform from "./transforms/detection.ts";
import filterTransform from "./transforms/filter.ts";
import kubernetesAuditTransform from "./transforms/kubernetes_audit.ts";
import newTermsTransform from "./transforms/new_terms.ts";

/** Every plugin that comes with weir. */
export const plugins: readonly Plugin[] = [
  blackholeSink,
  consoleSink,
  fileSink,
  httpSink,
  slackSink,
  webhookSink,
  websocketClientSink,
  websocketServerSink,
  demoSource,
  fileSource,
  httpClientSource,
  httpServerSource,
  kubernetesAuditWebhookSource,
  stdinSource,
  websocketClientSource,
  websocketServerSource,
  alertTransform,
  detectionTransform,
  filterTransform,
  kubernetesAuditTransform,
  newTermsTransform,
];
