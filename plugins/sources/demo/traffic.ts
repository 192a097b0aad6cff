import type { Request } from "./audit-event.ts";
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
} from "./cast.ts";
import type { Random } from "./random.ts";

type Scene = (random: Random) => Request;

/** How often each kind of request comes, of 1,000; what a mid-sized cluster looks like from its audit log. */
const scenes: readonly (readonly [share: number, scene: Scene])[] = [
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
const total = scenes.reduce((sum, [share]) => sum + share, 0);

/** A request such as every cluster sees all day, with the frequencies of real traffic. */
export const routineRequest: Scene = (random) => {
  let left = random.below(total);
  for (const [share, scene] of scenes) {
    if (left < share) return scene(random);
    left -= share;
  }
  throw new RangeError("the shares of the scenes do not add up");
};

const nodeLease: Scene = (random) => {
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

const leaderLease: Scene = (random) => {
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

const watch: Scene = (random) => {
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

const podStatus: Scene = (random) => {
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

const controllerUpdate: Scene = (random) => {
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

const podCreate: Scene = (random) => {
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

const humanRead: Scene = (random) => ({
  caller: humanCaller(random.pick(["ines.moreau", "tomas.havel", "yuki.arai"]), "platform:engineers"),
  agent: agentOf("kubectl"),
  from: [`192.0.2.${10 + random.below(5)}`],
  verb: random.pick(["get", "list"]),
  resource: random.pick(["pods", "deployments", "events", "nodes"]),
  namespace: random.pick(namespaces),
  parameters: "limit=500",
  code: random.below(20) === 0 ? 404 : 200,
});

const accessReview: Scene = (random) => ({
  caller: accountCaller("monitoring", "metrics-agent", "metrics-agent-0"),
  agent: "metrics-agent/2.9.1",
  from: [random.pick(nodes).ip],
  verb: "create",
  resource: "tokenreviews",
  group: "authentication.k8s.io",
  code: 201,
});

const operatorSecret: Scene = (random) => {
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

/** A secret read by somebody who should perhaps not. */
export const unusualRequest: Scene = (random) => ({
  caller: accountCaller(random.pick(namespaces), "default", `app-${random.pick(["a", "b", "c"])}`),
  agent: random.pick(["curl/8.11.1", "python-requests/2.32.3", agentOf("kubectl"), "Go-http-client/2.0"]),
  from: [`10.244.${random.below(12)}.${2 + random.below(20)}`],
  verb: random.pick(["get", "list"]),
  resource: "secrets",
  namespace: random.pick(namespaces),
  name: random.pick(["database-login", "registry-pull", "signing-key"]),
  code: random.below(4) === 0 ? 403 : 200,
});
