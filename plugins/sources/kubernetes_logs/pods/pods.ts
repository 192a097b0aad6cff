import type { Clock, Context, Data, Log } from "weir";
// biome-ignore lint/style/noRestrictedImports: the source `file` reads the logs.
import type { ReadingGate } from "../../file/read-files.ts";
import { logOf } from "../log-paths.ts";
import type { KnownPod } from "./known-pod.ts";

/** How long a deleted pod is remembered, in milliseconds: its last lines may be read late. */
const deletedFor = 3_600_000;

/** How many deleted pods are remembered at most. */
const mostDeleted = 1_000;

/** How many pods are remembered at most, with the deleted ones. Kubernetes recommends at most 110 on a node. */
const mostPods = 5_000;

/** How many unknown pods are waited for, or were. */
const mostUnknown = 10_000;

export interface PodsOptions {
  /** How long the logs of a pod are held back while it is not known, in milliseconds. */
  readonly wait: number;
  /** Name of the node, which counts for every log. */
  readonly node: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly refused: Context<unknown>["refused"];
}

interface Remembered {
  readonly pod: KnownPod;
  /** When it was deleted, by the monotonic clock. */
  deletedAt: number | undefined;
}

/** The pods of a node, by the uid in the names of their log folders. Holds back logs of unknown pods, each pod's once and not for long. */
export class Pods implements ReadingGate {
  readonly #options: PodsOptions;
  readonly #pods = new Map<string, Remembered>();
  /** Pods that have logs and are not known: whether their logs are still held back. */
  readonly #unknown = new Map<string, boolean>();
  readonly #ofUnknown: Data;
  #wake: () => void = () => undefined;
  /** Whether it was said that a pod is not known, since the API server last answered. */
  #hasWarned = false;

  constructor(options: PodsOptions) {
    this.#options = options;
    this.#ofUnknown = { kubernetes: { node: { name: options.node } } };
  }

  onOpened(wake: () => void): void {
    this.#wake = wake;
  }

  holds(path: string): boolean {
    const log = logOf(path);
    if (!log || this.#pods.has(log.uid)) return false;
    const isHeld = this.#unknown.get(log.uid);
    if (isHeld !== undefined) return isHeld;
    if (this.#unknown.size >= mostUnknown && !this.#forgetUnknown()) return false;
    this.#unknown.set(log.uid, true);
    const { clock, wait, signal } = this.#options;
    void clock.sleep(wait, signal).then(() => this.#giveUp(log.uid, path));
    return true;
  }

  /** The fields of the events in the log at a path. The same object as long as they are the same. */
  fieldsOf(path: string): Data {
    const log = logOf(path);
    const known = log && this.#pods.get(log.uid);
    return known ? known.pod.fieldsOf(log) : this.#ofUnknown;
  }

  /** All pods there are, at the time of a list. Others were deleted. */
  replace(pods: readonly KnownPod[]): void {
    this.#hasWarned = false;
    const listed = new Set(pods.map(({ logUid }) => logUid));
    for (const [uid, { pod }] of this.#pods) if (!listed.has(uid)) this.remove(pod);
    for (const pod of pods) this.put(pod);
  }

  put(pod: KnownPod): void {
    const { log, refused } = this.#options;
    const before = this.#pods.get(pod.logUid);
    if (!before && this.#pods.size >= mostPods) this.#forgetDeleted(0);
    if (!before && this.#pods.size >= mostPods) return void refused?.("too_many_pods");
    this.#pods.set(pod.logUid, { pod, deletedAt: undefined });
    if (pod.omitted > 0 && !before) {
      refused?.("metadata_too_large");
      log.warn(
        `the pod ${pod.name} (${pod.uid}) has so many labels and annotations that ${pod.omitted} of them were left out. Choose those that you need with "labels" and "annotations"`,
      );
    }
    const isHeld = this.#unknown.get(pod.logUid);
    this.#unknown.delete(pod.logUid);
    if (isHeld) this.#wake();
  }

  /** The pod was deleted. It is known for a while all the same. */
  remove(pod: KnownPod): void {
    const { uid, logUid } = pod;
    if (!this.#pods.has(logUid)) this.put(pod);
    const known = this.#pods.get(logUid);
    // A static pod has another uid in the API when its manifest is loaded again.
    if (!known || known.pod.uid !== uid || known.deletedAt !== undefined) return;
    known.deletedAt = this.#options.clock.monotonic();
    // The order is that of deletion.
    this.#pods.delete(logUid);
    this.#pods.set(logUid, known);
    this.#forgetDeleted(mostDeleted);
  }

  #forgetDeleted(most: number): void {
    const deleted = [...this.#pods].filter(([, { deletedAt }]) => deletedAt !== undefined);
    const since = this.#options.clock.monotonic() - deletedFor;
    for (const [index, [uid, { deletedAt }]] of deleted.entries())
      if (index < deleted.length - most || deletedAt! < since) this.#pods.delete(uid);
  }

  /** Forgets the pod that was the first to be unknown and is not waited for any more, if there is one. */
  #forgetUnknown(): boolean {
    for (const [uid, isHeld] of this.#unknown) if (!isHeld) return this.#unknown.delete(uid);
    return false;
  }

  #giveUp(uid: string, path: string): void {
    const { signal, log, wait, refused } = this.#options;
    if (signal.aborted || !this.#unknown.get(uid)) return;
    this.#unknown.set(uid, false);
    refused?.("unknown_pod");
    const words = `the API server did not name the pod of "${path}" within ${wait} ms; its lines go on without labels until it does`;
    if (this.#hasWarned) log.debug(words);
    else log.warn(words);
    this.#hasWarned = true;
    this.#wake();
  }
}
