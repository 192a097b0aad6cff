import { type Config, type Option, option } from "weir";
import { kafkaOptions } from "weir/kafka";

const topic = (description: string): Option<string> => ({
  ...option.text(description),
  title: "the name of a topic, with * for any characters and ? for one",
  pattern: "^[A-Za-z0-9._*?-]{1,249}$",
});

export const options = {
  ...kafkaOptions,
  topics: option.list(topic, { minItems: 1 })(
    "Topics to read. `*` matches any characters, `?` matches one. weir finds new topics within 30 seconds. A missing topic does not stop weir from reading the others.",
    { examples: [["audit", "logs-*"]] },
  ),
  group: option.text("Consumer group. Collectors in the same group share the partitions.", { examples: ["weir"] }),
  start: option.oneOf("earliest", "latest")("Where to start in a partition that has no position yet.", {
    default: "earliest",
  }),
  session_timeout: option.window(
    "How long the brokers wait for a collector that no longer responds before they assign its partitions to others. By default, brokers accept 6 s to 30 min.",
    { default: "30s" },
  ),
};

export type ReadConfig = Config<typeof options>;

/** Whether one of the names, which may have wildcards, is that of a topic. */
export const topicMatcher = (names: readonly string[]): ((topic: string) => boolean) => {
  const parts = names.map((name) => name.replace(/[.]/g, "\\.").replaceAll("*", ".*").replaceAll("?", "."));
  const pattern = new RegExp(`^(?:${parts.join("|")})$`);
  return (name) => pattern.test(name);
};

export const hasWildcards = (name: string): boolean => /[*?]/.test(name);
