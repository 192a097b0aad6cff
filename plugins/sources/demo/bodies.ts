import type { Random } from "./random.ts";

const images = ["storefront", "basket", "ledger", "indexer"] as const;

/** A pod as a controller creates it. The number of containers and variables is random; the smallest has about 2 KB. */
export const podBody = (namespace: string, random: Random): Readonly<Record<string, unknown>> => {
  const app = random.pick(images);
  const containers = Array.from({ length: 1 + random.below(3) }, (_, index) => container(app, index, random));
  return {
    kind: "Pod",
    apiVersion: "v1",
    metadata: { generateName: `${app}-${random.hex(8)}-`, namespace, labels: { app }, creationTimestamp: null },
    spec: {
      containers,
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      dnsPolicy: "ClusterFirst",
      serviceAccountName: "default",
      securityContext: {},
      schedulerName: "default-scheduler",
      priority: 0,
    },
    status: {},
  };
};

const container = (app: string, index: number, random: Random) => ({
  name: index === 0 ? app : `${app}-side-${index}`,
  image: `registry.example/${app}:${random.below(40)}.${random.below(10)}`,
  args: ["--log-level=info", `--shard=${random.below(16)}`, "--when=a<b && c>d"],
  env: Array.from({ length: 8 + random.below(24) }, (_, variable) => ({
    name: `${app.toUpperCase()}_OPTION_${variable}`,
    value: `${random.hex(8)}-${random.hex(8)}`,
  })),
  resources: { limits: { cpu: "500m", memory: "512Mi" }, requests: { cpu: "50m", memory: "128Mi" } },
  volumeMounts: [{ name: "api-access", readOnly: true, mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" }],
  terminationMessagePath: "/dev/termination-log",
  imagePullPolicy: "IfNotPresent",
});
