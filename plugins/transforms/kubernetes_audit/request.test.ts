import { expect, it } from "vitest";
import { parseRequest } from "./request.ts";

const asked = (method: string, uri: string) => JSON.parse(JSON.stringify(parseRequest(method, uri)));
const core = { apiVersion: "v1" };

it.each([
  ["GET", "/api/v1/namespaces/a/secrets/b", "get", { ...core, resource: "secrets", namespace: "a", name: "b" }],
  ["GET", "/api/v1/namespaces/a/secrets", "list", { ...core, resource: "secrets", namespace: "a" }],
  ["GET", "/api/v1/secrets?limit=500", "list", { ...core, resource: "secrets" }],
  ["GET", "/api/v1/secrets?watch=true", "watch", { ...core, resource: "secrets" }],
  ["GET", "/api/v1/watch/namespaces/a/pods", "watch", { ...core, resource: "pods", namespace: "a" }],
  ["GET", "/api/v1/pods?watch=1&fieldSelector=metadata.name%3Db", "watch", { ...core, resource: "pods", name: "b" }],
  ["GET", "/api/v1/namespaces/a", "get", { ...core, resource: "namespaces", namespace: "a", name: "a" }],
  ["GET", "/api/v1/namespaces", "list", { ...core, resource: "namespaces" }],
  [
    "PUT",
    "/api/v1/namespaces/a/status",
    "update",
    { ...core, resource: "namespaces", namespace: "a", name: "a", subresource: "status" },
  ],
  [
    "POST",
    "/api/v1/namespaces/a/pods/b/exec?command=sh",
    "create",
    { ...core, resource: "pods", namespace: "a", name: "b", subresource: "exec" },
  ],
  [
    "PATCH",
    "/apis/apps/v1/namespaces/a/deployments/b",
    "patch",
    { apiGroup: "apps", apiVersion: "v1", resource: "deployments", namespace: "a", name: "b" },
  ],
  ["DELETE", "/api/v1/nodes/b", "delete", { ...core, resource: "nodes", name: "b" }],
  ["DELETE", "/api/v1/nodes", "deletecollection", { ...core, resource: "nodes" }],
  ["impersonate", "/api/v1/nodes", "impersonate", { ...core, resource: "nodes" }],
])("%s %s is the verb %s", (method, uri, verb, objectRef) => expect(asked(method, uri)).toEqual({ verb, objectRef }));

it.each([
  ["GET", "/healthz", "get"],
  ["GET", "/api/v1", "get"],
  ["POST", "/", "post"],
  ["get", "/api/v1/%", "get"],
  ["get", "", "get"],
])("%s %s has no object", (method, uri, verb) => expect(asked(method, uri)).toEqual({ verb }));
