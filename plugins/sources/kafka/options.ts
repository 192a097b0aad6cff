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
    "Topics to read. `*` stands for any characters, `?` for one; topics that are created later are found within half a minute.",
    { examples: [["audit", "logs-*"]] },
  ),
  group: option.text("Consumer group. Collectors with the same group share the partitions.", { examples: ["weir"] }),
  start: option.oneOf("earliest", "latest")("Where to begin in a partition without a position.", {
    default: "earliest",
  }),
};

export type ReadConfig = Config<typeof options>;

/** Whether one of the names, which may have wildcards, is that of a topic. */
export const topicMatcher = (names: readonly string[]): ((topic: string) => boolean) => {
  const parts = names.map((name) => name.replace(/[.]/g, "\\.").replaceAll("*", ".*").replaceAll("?", "."));
  const pattern = new RegExp(`^(?:${parts.join("|")})$`);
  return (name) => pattern.test(name);
};

export const hasWildcards = (name: string): boolean => /[*?]/.test(name);
