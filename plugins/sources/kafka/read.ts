import type * as Kafka from "@platformatic/kafka";
import type { Reading, SourceContext } from "weir";
import { backoff } from "weir/http";
import { importPackage, kafkaWords, limitDecompression } from "weir/kafka";
import { Member } from "./member.ts";
import type { ReadConfig } from "./options.ts";
import { Partitions } from "./partitions.ts";
import { positionsIn } from "./position.ts";
import { Topics } from "./topics.ts";

/** How often to look for other topics and partitions, and to commit to the group, in milliseconds. */
const every = { join: 30_000, commit: 1_000 };
/** How long to wait before joining again after a failure. */
const waits = { initial: 500, max: 30_000 };
/** How long the last records may take to be committed at the end, in milliseconds. */
const goodbye = 3_000;

/** Reads as a member of the group until the signal aborts. */
export async function* readTopics(context: SourceContext<ReadConfig>): AsyncGenerator<Reading> {
  const { clock, signal, log, checkpoints } = context;
  const library = await importPackage<typeof Kafka>("@platformatic/kafka");
  limitDecompression(library);
  // After a crash, the group may be behind the data dir.
  const own = { positions: positionsIn(checkpoints), toCommit: positionsIn(checkpoints) };
  const topics = new Topics(context);
  for (let failures = 0; !signal.aborted; ) {
    const member = new Member(library, context, topics);
    const partitions = new Partitions(member.consumer, context, own, library.ListOffsetTimestamps);
    const over = new AbortController();
    try {
      await untilAborted(member.join(), signal);
      let joined = clock.monotonic();
      void commitToGroup(partitions, context, over.signal);
      while (!signal.aborted) {
        if (member.broken) throw member.broken;
        if (clock.monotonic() - joined >= every.join) {
          await untilAborted(member.join(), signal);
          joined = clock.monotonic();
        }
        const assigned = member.takeAssigned();
        if (assigned) yield* partitions.assign(assigned);
        yield* partitions.fetch(member.changed);
        if (failures > 0 && partitions.hasRead) {
          log.info(`the brokers answer again after ${failures} failed attempts`);
          failures = 0;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      const wait = backoff(failures, waits);
      if (failures === 1) log.warn(`cannot read from Kafka: ${kafkaWords(error)}; trying again`);
      else log.debug(`cannot read from Kafka: ${kafkaWords(error)}; trying again in ${wait} ms`);
      await clock.sleep(wait, signal);
    } finally {
      over.abort();
      if (signal.aborted) await partitions.settled(goodbye);
      await partitions.commit().catch(() => undefined);
      await member.leave();
    }
  }
}

/** Commits to the group, for tools that show the lag and for other collectors. */
const commitToGroup = async (
  partitions: Partitions,
  { clock, log }: SourceContext<ReadConfig>,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    await clock.sleep(every.commit, signal);
    await partitions.commit().catch((error) => log.debug(`cannot commit to the group: ${kafkaWords(error)}`));
  }
};

const untilAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(new Error("weir is stopping"));
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
    work.catch(() => undefined);
  }
};
