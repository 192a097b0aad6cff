/** Which logs to read: names in which `*` and `?` stand for other characters. What is not given is any, or none to exclude. */
export interface ChosenLogs {
  readonly namespaces?: readonly string[] | undefined;
  readonly exclude_namespaces?: readonly string[] | undefined;
  readonly pods?: readonly string[] | undefined;
  /** Also `NAMESPACE/NAME`. */
  readonly exclude_pods?: readonly string[] | undefined;
  readonly containers?: readonly string[] | undefined;
  readonly exclude_containers?: readonly string[] | undefined;
}

/**
 * Globs of the logs below a folder of the kubelet: `NAMESPACE_POD_UID/CONTAINER/RESTARTS.log`. No name in Kubernetes has a `_`,
 * so that a glob of one name matches no other.
 */
export const logGlobs = (directory: string, chosen: ChosenLogs) => {
  const root = directory.replace(/\/+$/, "").replace(/[*?[\]{}\\]/g, "\\$&");
  const glob = (namespace: string, pod: string, container: string) =>
    `${root}/${namespace}_${pod}_*/${container}/*.log`;
  const { namespaces = ["*"], pods = ["*"], containers = ["*"] } = chosen;
  const { exclude_namespaces: noNamespaces = [], exclude_pods: noPods = [], exclude_containers: none = [] } = chosen;
  return {
    include: namespaces.flatMap((namespace) =>
      pods.flatMap((pod) => containers.map((container) => glob(namespace, pod, container))),
    ),
    exclude: [
      ...noNamespaces.map((namespace) => glob(namespace, "*", "*")),
      ...noPods.map((pod) => {
        const [name = "", namespace = "*"] = pod.split("/").reverse();
        return glob(namespace, name, "*");
      }),
      ...none.map((container) => glob("*", "*", container)),
    ],
  };
};

/** Which container wrote a log, by its path. */
export interface LogOf {
  /** The uid in the name of the pod's folder: of a static pod, it is not that of its pod in the API. */
  readonly uid: string;
  readonly container: string;
  /** How often the container was restarted before. */
  readonly restarts: number;
}

/** The container of a log or of a rotated part of it; `undefined` if the path is not of the form that the kubelet uses. */
export const logOf = (path: string): LogOf | undefined => {
  const [, uid, container, restarts] = /\/[^/_]+_[^/_]+_([^/_]+)\/([^/]+)\/(\d+)\.log[^/]*$/.exec(path) ?? [];
  if (uid === undefined || container === undefined) return undefined;
  return { uid, container, restarts: Number(restarts) };
};
