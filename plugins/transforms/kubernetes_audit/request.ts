import type { Data } from "weir";

/** The verb and the object of a request. */
export interface AuditRequest {
  readonly verb: string;
  readonly objectRef?: Data;
}

/** Subresources of a namespace itself; any other word in this position is a resource within it. */
const ofNamespaces = new Set(["status", "finalize"]);

const verbs: Readonly<Record<string, string>> = { POST: "create", PUT: "update", PATCH: "patch" };

/**
 * Derives verb and object of a request from its URI, as kube-apiserver does (k8s.io/apiserver, RequestInfoFactory).
 * `method` is either a verb already, or the HTTP method in upper case.
 */
export const parseRequest = (method: string, uri: string): AuditRequest => {
  const [path = "", query = ""] = split(uri, "?");
  const parts = decoded(path)?.split("/").filter(Boolean) ?? [];
  const api =
    parts[0] === "api" ? { group: undefined, rest: parts.slice(1) } : { group: parts[1], rest: parts.slice(2) };
  if ((parts[0] !== "api" && parts[0] !== "apis") || api.rest.length < 2) return { verb: method.toLowerCase() };
  const [version, ...words] = api.rest;
  const watches = words[0] === "watch";
  const parameters = new URLSearchParams(query);
  const object = objectOf(watches ? words.slice(1) : words);
  const watch = watches || /^(1|t|true)$/i.test(parameters.get("watch") ?? "");
  const name = object.name ?? /^metadata\.name=([^,]+)$/.exec(parameters.get("fieldSelector") ?? "")?.[1];
  const reference = { ...object, name, apiGroup: api.group, apiVersion: version };
  return { verb: verbOf(method, object.name, watch), objectRef: reference };
};

/** `namespaces/NAMESPACE/RESOURCE/NAME/SUBRESOURCE…`, with or without the first two. */
const objectOf = (words: readonly string[]) => {
  const namespace = words[0] === "namespaces" ? words[1] : undefined;
  const inside = namespace !== undefined && words.length > 2 && !ofNamespaces.has(words[2]!);
  const [resource, name, subresource] = inside ? words.slice(2) : words;
  return { resource, namespace, name, subresource };
};

const verbOf = (method: string, name: string | undefined, watch: boolean): string => {
  if (method !== method.toUpperCase()) return method;
  if (method === "DELETE") return name === undefined ? "deletecollection" : "delete";
  if (method !== "GET" && method !== "HEAD") return verbs[method] ?? method.toLowerCase();
  return watch ? "watch" : name === undefined ? "list" : "get";
};

const split = (text: string, at: string): readonly string[] => {
  const index = text.indexOf(at);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
};

const decoded = (path: string): string | undefined => {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
};
