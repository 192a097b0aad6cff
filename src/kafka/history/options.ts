import { type Option, option } from "../../option/option.ts";
import { type KafkaConfig, kafkaOptions } from "../options.ts";

const only = "Only with the type `kafka`.";
const { brokers, sasl } = kafkaOptions;

/** What the names of the options begin with in messages. */
export const optionsAt = "state.";

/** Options of a history in Kafka, in addition to those of every shared history. */
export const kafkaHistoryOptions = {
  brokers: option.optional({ ...brokers, description: `${brokers["description"]} ${only}` } as typeof brokers),
  sasl: { ...sasl, description: `${sasl["description"]} ${only}` } as typeof sasl,
  topic: {
    ...option.text(
      `Topic with the history. It has one partition. weir creates it if it does not exist. Weirs that must not share a history need different topics. ${only}`,
      { default: "weir-history" },
    ),
    title: "the name of a topic",
    pattern: "^[A-Za-z0-9._-]{1,249}$",
  } as Option<string>,
};

/** Where a history in Kafka is, and how to get there. */
export interface KafkaHistoryConfig extends KafkaConfig {
  readonly topic: string;
  /** In milliseconds. */
  readonly disorder: number;
  /** The largest size of a history in memory, in bytes. */
  readonly max_size: number;
}
