import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { root } from "../end-to-end/weir.ts";

/** What deploy/ has for Kubernetes. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly template: { readonly metadata: object; readonly spec: PodSpec } };
}

export interface PodSpec {
  readonly volumes: readonly unknown[];
  readonly [key: string]: unknown;
}

/** The manifests in a file below deploy/. */
export const manifestsIn = (path: string): readonly Manifest[] =>
  parseAllDocuments(readFileSync(join(root, "deploy", path), "utf8"))
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);

/** Where things of a kind are created. */
export const pathFor = (kind: string, namespace: string): string => {
  const plural = `${kind.toLowerCase()}s`;
  if (kind.startsWith("ClusterRole")) return `/apis/rbac.authorization.k8s.io/v1/${plural}`;
  if (kind === "Namespace") return `/api/v1/${plural}`;
  return `${kind.endsWith("Set") ? "/apis/apps/v1" : "/api/v1"}/namespaces/${namespace}/${plural}`;
};
