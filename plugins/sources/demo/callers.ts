import type { Caller } from "./audit-event.ts";

const version = "v1.34.2";
const commit = "8cc511e";

export const namespaces = [
  "checkout",
  "catalogue",
  "payments",
  "search",
  "ingress",
  "monitoring",
  "batch-jobs",
] as const;
export const nodes = Array.from({ length: 12 }, (_, index) => ({
  name: `worker-${index + 1}`,
  ip: `10.20.0.${index + 11}`,
}));

export const agentOf = (program: string, suffix = ""): string =>
  `${program}/${version} (linux/amd64) kubernetes/${commit}${suffix}`;
/** The user agent of a client whose build did not fill in the version. */
export const unversioned = (program: string): string => `${program}/v0.0.0 (linux/amd64) kubernetes/$Format`;

export const nodeCaller = (name: string): Caller => ({
  username: `system:node:${name}`,
  groups: ["system:nodes", "system:authenticated"],
  extra: {
    "authentication.kubernetes.io/credential-id": [
      `X509SHA256=${name.padEnd(24, "0")}5e1fc0de77a1b2c3d4e5f60718293a4b5c6d7e8f`,
    ],
  },
});

export const accountCaller = (namespace: string, account: string, pod?: string): Caller => ({
  username: `system:serviceaccount:${namespace}:${account}`,
  uid: uidOf(`${namespace}/${account}`),
  groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
  ...(pod && {
    extra: {
      "authentication.kubernetes.io/credential-id": [`JTI=${uidOf(pod)}`],
      "authentication.kubernetes.io/node-name": ["worker-3"],
      "authentication.kubernetes.io/node-uid": [uidOf("worker-3")],
      "authentication.kubernetes.io/pod-name": [pod],
      "authentication.kubernetes.io/pod-uid": [uidOf(`pod/${pod}`)],
    },
  }),
});

export const humanCaller = (name: string, ...groups: readonly string[]): Caller => ({
  username: name,
  groups: [...groups, "system:authenticated"],
});

export const controlPlane = (component: string): Caller => ({
  username: `system:${component}`,
  groups: ["system:authenticated"],
});

/** A UUID that stays the same for the same name. */
const uidOf = (name: string): string => {
  let a = 0x811c9dc5;
  let b = 0x1b873593;
  for (let index = 0; index < name.length; index++) {
    a = Math.imul(a ^ name.charCodeAt(index), 0x01000193) >>> 0;
    b = Math.imul(b ^ a, 0x85ebca6b) >>> 0;
  }
  const [one, two] = [a.toString(16).padStart(8, "0"), b.toString(16).padStart(8, "0")];
  return `${one}-${two.slice(0, 4)}-4${two.slice(4, 7)}-b${one.slice(0, 3)}-${two}${one.slice(0, 4)}`;
};
