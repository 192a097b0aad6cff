import type { Context } from "weir";
import { backoff, retryAfter } from "weir/http";
import type { MetadataConfig } from "../metadata-options.ts";
import { ApiFailure } from "./api-failure.ts";
import type { ApiServer } from "./api-server.ts";
import { KnownPod, matching, type Wanted } from "./known-pod.ts";
import type { Pods } from "./pods.ts";
import { PodsClient } from "./pods-client.ts";

/** How long the server keeps a watch, in seconds: between this and a quarter more, so that nodes do not ask at once. */
const watchSeconds = 240;

/** Where a list or a watch begins. */
interface Place {
  /** The version after which to watch; `undefined`: list first. */
  watch: string | undefined;
  /** The version that a list must have at least; `undefined`: the latest. */
  list: string | undefined;
}

/** Keeps `pods` in step with the API server until `signal` aborts. It never rejects: what fails is said, counted and tried again. */
export const followPods = async (
  server: ApiServer,
  pods: Pods,
  {
    config,
    clock,
    signal,
    log,
    refused,
  }: Pick<Context<MetadataConfig>, "config" | "clock" | "signal" | "log" | "refused">,
): Promise<void> => {
  const wanted: Wanted = { labels: matching(config.labels), annotations: matching(config.annotations) };
  const place: Place = { watch: undefined, list: "0" };
  let failures = 0;
  let isSaid = false;
  const succeed = () => {
    if (isSaid) log.info("the API server answers again; pods are up to date");
    isSaid = false;
  };
  const hear = () => {
    succeed();
    failures = 0;
  };
  while (!signal.aborted) {
    const error = await once(server, config.node, { place, pods, wanted, signal, hear }).catch(
      (error: unknown) => error,
    );
    if (signal.aborted) return;
    const failure = error === undefined ? undefined : asFailure(error);
    // The server ends each watch after some time. Without a word in between, it counts as a failure.
    failures++;
    if (failure) goOn(place, failure, failures);
    else succeed();
    const wait = backoff(failures, config.backoff, { atLeast: retryAfter(failure?.headers ?? {}, clock.now()) ?? 0 });
    if (failure) {
      refused?.(failure.reason);
      const words = `cannot follow the pods of the node "${config.node}": ${failure.message}; trying again in ${wait} ms`;
      // A watch that is too old, or a server that restarts, is usual.
      if (isSaid || failure.isAboutVersion || (failure.reason === "no_answer" && failures === 1)) log.debug(words);
      else {
        log.warn(words);
        isSaid = true;
      }
    }
    await clock.sleep(wait, signal);
  }
};

interface Following {
  readonly place: Place;
  readonly pods: Pods;
  readonly wanted: Wanted;
  readonly signal: AbortSignal;
  /** Called for each change that a watch tells. A list is not enough: whoever may list need not be able to watch. */
  readonly hear: () => void;
}

/** Lists, if needed, and watches until the server ends it. Certificates are read each time, because they are replaced in their files. */
const once = async (
  server: ApiServer,
  node: string,
  { place, pods, wanted, signal, hear }: Following,
): Promise<void> => {
  const client = new PodsClient(server, node);
  try {
    if (place.watch === undefined) {
      const { pods: listed, version } = await client.list(place.list, signal);
      pods.replace(listed.flatMap((pod) => KnownPod.from(pod, wanted) ?? []));
      place.watch = version;
      place.list = version;
    }
    const seconds = Math.ceil(watchSeconds * (1 + Math.random() / 4));
    for await (const { type, pod, version } of client.watch(place.watch, seconds, signal)) {
      const known = type === "BOOKMARK" ? undefined : KnownPod.from(pod, wanted);
      if (known && type === "DELETED") pods.remove(known);
      else if (known) pods.put(known);
      place.watch = version;
      place.list = version;
      hear();
    }
  } finally {
    client.close();
  }
};

/** So many failures in a row, and a watch that a server has an error for ends with a new list. */
const mostRetries = 5;

/**
 * A watch that only broke off, or that the server had no time for, goes on where it was: otherwise all nodes would list at once. Anything
 * else that is wrong with it ends with a new list.
 */
const goOn = (place: Place, { reason, status = 0, isAboutVersion }: ApiFailure, failures: number): void => {
  if (reason === "no_answer" || reason === "no_token" || status === 429) return;
  if (status >= 500 && !isAboutVersion && failures < mostRetries) return;
  if (place.watch === undefined && isAboutVersion) place.list = undefined;
  place.watch = undefined;
};

const asFailure = (error: unknown): ApiFailure =>
  error instanceof ApiFailure ? error : new ApiFailure("no_certificate", (error as Error).message);
