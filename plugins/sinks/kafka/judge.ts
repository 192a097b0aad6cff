import { isUnknownTopic, kafkaErrors, kafkaWords } from "weir/kafka";

/** Errors that are about the records: the broker will never accept them. */
const refused: ReadonlySet<string> = new Set([
  "MESSAGE_TOO_LARGE",
  "RECORD_LIST_TOO_LARGE",
  "INVALID_RECORD",
  "INVALID_TIMESTAMP",
  "INVALID_TOPIC_EXCEPTION",
]);

/** Whether an error is about one topic: it does not exist, or may not be written to. */
const isAboutTopic = (error: unknown): boolean =>
  kafkaErrors(error).includes("TOPIC_AUTHORIZATION_FAILED") || isUnknownTopic(error);

/** What became of the records of a partition. */
export type Verdict =
  | { readonly kind: "delivered" }
  /** At least one of the records can never be accepted. */
  | { readonly kind: "refused"; readonly message: string }
  /** `isAboutTopic`: records of other topics may be accepted. */
  | { readonly kind: "again"; readonly message: string; readonly isAboutTopic: boolean };

/** The part of a broker's answer that matters here: see ProduceResponse in Kafka's protocol guide. */
interface ProduceError extends Error {
  readonly errors?: readonly unknown[];
  /** Of brokers that took everything. */
  readonly produced?: { readonly offsets?: readonly { readonly topic: string; readonly partition: number }[] };
  readonly response?: { readonly responses?: readonly TopicAnswer[] };
  readonly path?: string;
}
interface TopicAnswer {
  readonly name: string;
  readonly partitionResponses: readonly { readonly index: number; readonly errorCode: number }[];
}

/** What an error of a request about a topic as a whole means. */
export const judge = (error: unknown): Exclude<Verdict, { readonly kind: "delivered" }> => {
  const message = kafkaWords(error);
  if (kafkaErrors(error).some((name) => refused.has(name))) return { kind: "refused", message };
  return { kind: "again", message, isAboutTopic: isAboutTopic(error) };
};

/** What a failed request means for each partition of `topic`. What no broker has answered for is to be sent again. */
export const judgeProduce = (error: unknown, topic: string): ((partition: number) => Verdict) => {
  const known = new Map<number, Verdict>();
  const visit = (each: unknown): void => {
    if (!(each instanceof Error)) return;
    const { errors = [], response, produced } = each as ProduceError;
    for (const taken of produced?.offsets ?? [])
      if (taken.topic === topic) known.set(taken.partition, { kind: "delivered" });
    for (const [i, { name, partitionResponses }] of response?.responses?.entries() ?? [])
      for (const [j, { index, errorCode }] of partitionResponses.entries()) {
        if (name !== topic) continue;
        const path = `/responses/${i}/partition_responses/${j}`;
        const about = errors.filter((one) => pathOf(one) === path);
        known.set(index, errorCode === 0 ? { kind: "delivered" } : judge(new AggregateError(about)));
      }
    // Of several attempts the last one counts.
    for (const inner of errors) visit(inner);
  };
  visit(error);
  const otherwise: Verdict = { kind: "again", message: kafkaWords(error), isAboutTopic: false };
  return (partition) => known.get(partition) ?? otherwise;
};

const pathOf = (error: unknown): string | undefined =>
  error instanceof Error ? (error as ProduceError).path : undefined;
