import type { Data } from "../json.ts";

/** The fields that say from which file a record is: its path and, of a log of the kubelet, the pod and the container. */
export const pathFields = (path: string, link?: string): Data => {
  const found = { ...containerOf(link), ...containerOf(path), ...podOf(link), ...podOf(path) };
  const { namespace, pod, uid, container, id } = found;
  const kubernetes = {
    ...(namespace !== undefined && { namespace }),
    ...(pod !== undefined && { pod: { name: pod, ...(uid !== undefined && { uid }) } }),
    ...(container !== undefined && { container: { name: container } }),
  };
  return {
    log: { file: { path } },
    ...(pod !== undefined && { kubernetes }),
    ...(id !== undefined && { container: { id } }),
  };
};

interface Found {
  readonly namespace?: string;
  readonly pod?: string;
  readonly uid?: string;
  readonly container?: string;
  readonly id?: string;
}

/** A directory of the kubelet: `/var/log/pods/NAMESPACE_POD_UID/CONTAINER/0.log`. Names in Kubernetes have no `_`. */
const podOf = (path = ""): Found => {
  const [file, container, pod, folder] = path.split("/").reverse();
  const [namespace, name, uid, ...more] = pod?.split("_") ?? [];
  if (folder !== "pods" || !file || !container || !namespace || !name || !uid || more.length > 0) return {};
  return { namespace, pod: name, uid, container };
};

/** A link of the kubelet: `/var/log/containers/POD_NAMESPACE_CONTAINER-ID.log`. The id has 64 hexadecimal digits. */
const containerOf = (path = ""): Found => {
  const [file = "", folder] = path.split("/").reverse();
  const [pod, namespace, last = "", ...more] = file.split("_");
  const dash = last.length - idLength - suffix.length - 1;
  const id = last.slice(dash + 1, -suffix.length);
  const isId = last.endsWith(suffix) && last.charAt(dash) === "-" && /^[0-9a-f]{64}$/.test(id);
  if (folder !== "containers" || !pod || !namespace || dash < 1 || !isId || more.length > 0) return {};
  return { namespace, pod, container: last.slice(0, dash), id };
};

const idLength = 64;
const suffix = ".log";
