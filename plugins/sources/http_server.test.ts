import { expect, it } from "vitest";
import { flaws } from "weir/testing";
import httpClient from "./http_client/index.ts";
import httpServer from "./http_server.ts";
import kubernetesAuditWebhook from "./kubernetes_audit_webhook.ts";

it.each([httpServer, kubernetesAuditWebhook, httpClient])("$name is well formed", (plugin) => {
  expect(flaws(plugin)).toEqual([]);
});
