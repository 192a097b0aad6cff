import type { ApiRequest } from "./audit-event.ts";
import { podBody } from "./bodies.ts";
import {
  accountCaller,
  agentOf,
  controlPlane,
  humanCaller,
  namespaces,
  nodeCaller,
  nodes,
  unversioned,
} from "./callers.ts";
import type { Random } from "./random.ts";

type RequestKind = (random: Random) => ApiRequest;

/** Kinds of requests and their shares of 1,000, as in the audit log of a mid-sized cluster. */
const kinds: readonly (readonly [share: number, create: RequestKind])[] = [
  [262, (random) => nodeLease(random)],
  [160, (random) => leaderLease(random)],
  [150, (random) => watch(random)],
  [130, (random) => podStatus(random)],
  [110, (random) => controllerUpdate(random)],
  [100, (random) => podCreate(random)],
  [45, (random) => humanRead(random)],
  [30, (random) => accessReview(random)],
  [13, (random) => operatorSecret(random)],
];
const total = kinds.reduce((sum, [share]) => sum + share, 0);

/** A request that is common in every cluster, with the frequencies of real traffic. */
export const routineRequest: RequestKind = (random) => {
  let left = random.below(total);
  for (const [share, create] of kinds) {
    if (left < share) return create(random);
    left -= share;
  }
  throw new RangeError("the shares do not add up to their total");
};

const nodeLease: RequestKind = (random) => {
  const { name, ip } = random.pick(nodes);
  return {
    caller: nodeCaller(name),
    agent: agentOf("kubelet"),
    from: [ip],
    verb: "update",
    resource: "leases",
    group: "coordination.k8s.io",
    namespace: "kube-node-lease",
    name,
    parameters: "timeout=10s",
    code: 200,
  };
};

const leaderLease: RequestKind = (random) => {
  const component = random.pick(["kube-scheduler", "kube-controller-manager"]);
  return {
    caller: controlPlane(component),
    agent: agentOf(component, "/leader-election"),
    from: ["10.20.0.2"],
    verb: random.pick(["get", "update"]),
    resource: "leases",
    group: "coordination.k8s.io",
    namespace: "kube-system",
    name: component,
    parameters: "timeout=5s",
    code: 200,
  };
};

const watch: RequestKind = (random) => {
  const { name, ip } = random.pick(nodes);
  const resource = random.pick(["pods", "configmaps", "secrets", "services", "endpoints"]);
  return {
    caller: nodeCaller(name),
    agent: agentOf("kubelet"),
    from: [ip],
    verb: "watch",
    resource,
    namespace: random.pick(namespaces),
    parameters: `allowWatchBookmarks=true&resourceVersion=${random.below(9_000_000)}&timeout=${300 + random.below(300)}s&watch=true`,
    stage: random.pick(["ResponseStarted", "ResponseComplete"]),
    code: 200,
  };
};

const podStatus: RequestKind = (random) => {
  const { name, ip } = random.pick(nodes);
  return {
    caller: nodeCaller(name),
    agent: agentOf("kubelet"),
    from: [ip],
    verb: "patch",
    resource: "pods",
    subresource: "status",
    namespace: random.pick(namespaces),
    name: `app-${random.hex(8)}-${random.hex(5)}`,
    code: 200,
  };
};

const controllerUpdate: RequestKind = (random) => {
  const [controller, resource] = random.pick([
    ["replicaset-controller", "replicasets"],
    ["deployment-controller", "deployments"],
    ["statefulset-controller", "statefulsets"],
  ] as const);
  return {
    caller: accountCaller("kube-system", controller),
    agent: agentOf("kube-controller-manager", `/system:serviceaccount:kube-system:${controller}`),
    from: ["10.20.0.2"],
    verb: "update",
    resource,
    subresource: "status",
    group: "apps",
    namespace: random.pick(namespaces),
    name: `app-${random.hex(8)}`,
    code: random.below(50) === 0 ? 409 : 200,
  };
};

const podCreate: RequestKind = (random) => {
  const namespace = random.pick(namespaces);
  return {
    caller: accountCaller("kube-system", "replicaset-controller"),
    agent: agentOf("kube-controller-manager", "/system:serviceaccount:kube-system:replicaset-controller"),
    from: ["10.20.0.2"],
    verb: "create",
    resource: "pods",
    namespace,
    code: 201,
    body: podBody(namespace, random),
  };
};

const humanRead: RequestKind = (random) => ({
  caller: humanCaller(random.pick(["ines.moreau", "tomas.havel", "yuki.arai"]), "platform:engineers"),
  agent: agentOf("kubectl"),
  from: [`192.0.2.${10 + random.below(5)}`],
  verb: random.pick(["get", "list"]),
  resource: random.pick(["pods", "deployments", "events", "nodes"]),
  namespace: random.pick(namespaces),
  parameters: "limit=500",
  code: random.below(20) === 0 ? 404 : 200,
});

const accessReview: RequestKind = (random) => ({
  caller: accountCaller("monitoring", "metrics-agent", "metrics-agent-0"),
  agent: "metrics-agent/2.9.1",
  from: [random.pick(nodes).ip],
  verb: "create",
  resource: "tokenreviews",
  group: "authentication.k8s.io",
  code: 201,
});

const operatorSecret: RequestKind = (random) => {
  const [namespace, program] = random.pick([
    ["ingress", "ingress-controller"],
    ["payments", "certificate-operator"],
    ["monitoring", "metrics-operator"],
  ] as const);
  return {
    caller: accountCaller(namespace, program, `${program}-${random.pick(["0", "1"])}`),
    agent: unversioned(program),
    from: [random.pick(nodes).ip],
    verb: random.pick(["get", "list"]),
    resource: "secrets",
    namespace,
    parameters: "limit=500&resourceVersion=0",
    code: 200,
  };
};

/** A secret read by a client that perhaps should not. */
export const unusualRequest: RequestKind = (random) => ({
  caller: accountCaller(random.pick(namespaces), "default", `app-${random.pick(["a", "b", "c"])}`),
  agent: random.pick(["curl/8.11.1", "python-requests/2.32.3", agentOf("kubectl"), "Go-http-client/2.0"]),
  from: [`10.244.${random.below(12)}.${2 + random.below(20)}`],
  verb: random.pick(["get", "list"]),
  resource: "secrets",
  namespace: random.pick(namespaces),
  name: random.pick(["database-login", "registry-pull", "signing-key"]),
  code: random.below(4) === 0 ? 403 : 200,
});
