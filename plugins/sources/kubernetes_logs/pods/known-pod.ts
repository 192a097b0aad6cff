import type { Data } from "weir";
import { isObject } from "weir/fields";
import type { LogOf } from "../log-paths.ts";

/** Which labels and annotations are wanted, by their names in Kubernetes. */
export interface Wanted {
  readonly labels: (name: string) => boolean;
  readonly annotations: (name: string) => boolean;
}

/** Whether a name matches one of the patterns, in which `*` stands for any characters and `?` for one. */
export const matching = (patterns: readonly string[]): ((name: string) => boolean) => {
  const expressions = patterns.map((pattern) => {
    const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`^${escaped.replaceAll(/(?:\\\*)+/g, ".*").replaceAll("\\?", ".")}$`);
  });
  return (name) => expressions.some((expression) => expression.test(name));
};

/** The most that is kept of the labels and annotations of a pod, in bytes. */
export const mostBytes = 16 * 1024;

/** The longest other text of a pod that is kept, in characters: names in Kubernetes have up to 253, and references to images up to 511. */
const longestText = 1024;

/** The most containers whose images and ids are kept, of each pod. */
const mostContainers = 200;

/** Kinds of owners whose names are added, as by Elastic's `add_kubernetes_metadata`. */
const owners = new Set(["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob"]);

/** A pod of the API, reduced to what is added to its events: the fields of Elastic's `add_kubernetes_metadata`. */
export class KnownPod {
  readonly uid: string;
  /** What the names of its log folders have as its uid. The kubelet gives static pods another one than the API. */
  readonly logUid: string;
  /** `NAMESPACE/NAME`, for messages. */
  readonly name: string;
  /** How many labels and annotations were left out, because there was no room. */
  readonly omitted: number;
  readonly #kubernetes: Data;
  readonly #images: ReadonlyMap<string, string>;
  readonly #ids: ReadonlyMap<string, string>;
  /** Made once, because whoever gets them compares the objects. */
  readonly #fields = new Map<string, Data>();

  private constructor(uid: string, pod: Data, wanted: Wanted) {
    const metadata = objectAt(pod, "metadata");
    const [spec, status] = [objectAt(pod, "spec"), objectAt(pod, "status")];
    const annotations = objectAt(metadata, "annotations");
    const kept = { bytes: 0, omitted: 0 };
    const labels = chosen(objectAt(metadata, "labels"), wanted.labels, kept);
    const notes = chosen(annotations, wanted.annotations, kept);
    const [node, ip] = [textAt(spec, "nodeName"), textAt(status, "podIP")];
    this.uid = uid;
    this.name = `${textAt(metadata, "namespace") ?? "?"}/${textAt(metadata, "name") ?? "?"}`;
    this.logUid = textAt(annotations, "kubernetes.io/config.mirror") ?? uid;
    this.omitted = kept.omitted;
    this.#kubernetes = {
      ...(labels && { labels }),
      ...(notes && { annotations: notes }),
      ...(node && { node: { name: node } }),
      ...(ip && { pod: { ip } }),
      ...ownersOf(metadata),
    };
    this.#images = new Map(
      containersIn(spec, specLists).flatMap(({ name, image }) =>
        isShort(name) && isShort(image) ? [[name, image] as const] : [],
      ),
    );
    this.#ids = new Map(containersIn(status, statusLists).flatMap(idsOf));
  }

  /** `undefined` if it is not the object of a pod. */
  static from(pod: unknown, wanted: Wanted): KnownPod | undefined {
    const uid = isObject(pod) ? textAt(objectAt(pod, "metadata"), "uid") : undefined;
    return uid === undefined ? undefined : new KnownPod(uid, pod as Data, wanted);
  }

  /** The fields of the events in a log of this pod. The same object each time. */
  fieldsOf({ container, restarts }: LogOf): Data {
    const key = `${container} ${restarts}`;
    const known = this.#fields.get(key);
    if (known) return known;
    const image = this.#images.get(container);
    const [runtime, id] = this.#ids.get(key)?.split("://") ?? [];
    const about = {
      ...(image !== undefined && { image: { name: image } }),
      ...(runtime && id && { runtime, id }),
    };
    const fields = {
      kubernetes: this.#kubernetes,
      ...(Object.keys(about).length > 0 && { container: about }),
    };
    this.#fields.set(key, fields);
    return fields;
  }
}

const objectAt = (holder: Data, name: string): Data => (isObject(holder[name]) ? holder[name] : {});

const textAt = (holder: Data, name: string): string | undefined => {
  const value = holder[name];
  return isShort(value) ? value : undefined;
};

const isShort = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.length <= longestText;

/**
 * The chosen ones by their names without dots, which would nest them: `app.kubernetes.io/name` is `app_kubernetes_io/name`. Of two that
 * have the same name then, the first by the alphabet stays.
 */
const chosen = (all: Data, isWanted: (name: string) => boolean, kept: { bytes: number; omitted: number }) => {
  const result = new Map<string, string>();
  for (const name of Object.keys(all).sort()) {
    const [value, written] = [all[name], name.replaceAll(".", "_")];
    if (typeof value !== "string" || !isWanted(name) || result.has(written)) continue;
    const bytes = Buffer.byteLength(written) + Buffer.byteLength(value);
    if (kept.bytes + bytes > mostBytes) kept.omitted++;
    else {
      kept.bytes += bytes;
      result.set(written, value);
    }
  }
  return result.size > 0 ? Object.fromEntries(result) : undefined;
};

/** The names of the controllers: `{ replicaset: { name: … } }`. The name of a ReplicaSet shows that a Deployment owns it. */
const ownersOf = (metadata: Data): Data => {
  const found: Record<string, Data> = {};
  const hash = textAt(objectAt(metadata, "labels"), "pod-template-hash");
  const references = metadata["ownerReferences"];
  for (const reference of Array.isArray(references) ? references.filter(isObject) : []) {
    const [kind, name] = [textAt(reference, "kind"), textAt(reference, "name")];
    if (!kind || !name || !owners.has(kind) || reference["controller"] === false) continue;
    found[kind.toLowerCase()] = { name };
    if (kind === "ReplicaSet" && hash !== undefined && name.length > hash.length + 1 && name.endsWith(`-${hash}`))
      found["deployment"] = { name: name.slice(0, -hash.length - 1) };
  }
  return found;
};

const specLists = ["containers", "initContainers", "ephemeralContainers"];
const statusLists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"];

const containersIn = (holder: Data, lists: readonly string[]): readonly Data[] =>
  lists.flatMap((list) => (Array.isArray(holder[list]) ? holder[list].filter(isObject) : [])).slice(0, mostContainers);

/** The ids of a container and of the one before it, such as `containerd://…`, each by `NAME RESTARTS`. */
const idsOf = (status: Data): readonly (readonly [string, string])[] => {
  const [name, restarts] = [textAt(status, "name"), status["restartCount"]];
  if (name === undefined || typeof restarts !== "number") return [];
  const id = textAt(status, "containerID");
  const before = textAt(objectAt(objectAt(status, "lastState"), "terminated"), "containerID");
  return [
    ...(id ? [[`${name} ${restarts}`, id] as const] : []),
    ...(before && before !== id ? [[`${name} ${restarts - 1}`, before] as const] : []),
  ];
};
