import type { Client } from "./client.ts";
import { type Identity, serviceAccount } from "./identities.ts";

/** The namespace that most requests are about, and the Secrets in it. */
export const shop = "shop";
export const secretNames = ["stripe-key", "s1", "s2", "s3"];

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const apiGroup = "rbac.authorization.k8s.io";

const secrets = { apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"] };
const impersonation = { apiGroups: [""], resources: ["users", "groups"], verbs: ["impersonate"] };

const labels = { app: "anchor" };
const anchor = {
  selector: { matchLabels: labels },
  template: { metadata: { labels }, spec: { containers: [{ name: "one", image: "none" }] } },
};

/** Creates a namespace with Secrets and a Deployment, who may read them, and a service account; gives the identity of the account. */
export const createObjects = async (client: Client, admin: Identity): Promise<Identity> => {
  const create = async (path: string, object: unknown): Promise<string> => {
    const headers = { "Content-Type": "application/json" };
    const answer = await client.send({ method: "POST", path, who: admin, headers, body: JSON.stringify(object) });
    if (answer?.status !== 201) throw new Error(`POST ${path}: ${answer?.status} ${answer?.body}`);
    return answer.body;
  };
  const core = "/api/v1/namespaces";
  const named = (name: string) => ({ metadata: { name } });
  await create(core, named(shop));
  for (const name of secretNames) await create(`${core}/${shop}/secrets`, { ...named(name), stringData: { a: "b" } });
  await create(`${core}/${shop}/serviceaccounts`, named("cart"));
  await create(`/apis/apps/v1/namespaces/${shop}/deployments`, { ...named("anchor"), spec: anchor });
  await create(`${rbac}/clusterroles`, { ...named("reader"), rules: [secrets] });
  await create(`${rbac}/clusterroles`, { ...named("speaker"), rules: [impersonation] });
  const bind = (role: string, kind: "Group" | "User", subject: string) =>
    create(`${rbac}/clusterrolebindings`, {
      ...named(`${role}-${subject}`),
      roleRef: { apiGroup, kind: "ClusterRole", name: role },
      subjects: [{ apiGroup, kind, name: subject }],
    });
  await bind("reader", "Group", "readers");
  await bind("reader", "User", "alice");
  await bind("speaker", "User", "alice");
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 7200 } };
  const answer = await create(`${core}/${shop}/serviceaccounts/cart/token`, request);
  return serviceAccount((JSON.parse(answer) as { readonly status: { readonly token: string } }).status.token);
};
