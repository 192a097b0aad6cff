import { switchedTlsOption } from "../http/tls.ts";
import { type Config, type Option, option } from "../option/option.ts";

const broker = (description: string): Option<string> => ({
  ...option.text(description),
  title: "an address such as kafka.example.org:9092",
  pattern: String.raw`^(\[[0-9A-Fa-f:]+\]|[^\s:/,\[\]]+):[0-9]{1,5}$`,
});

const saslOptions = {
  mechanism: option.oneOf(
    "plain",
    "scram-sha-256",
    "scram-sha-512",
  )("SASL mechanism. `plain` sends the password in clear text: use it only with TLS.", { default: "scram-sha-512" }),
  user: option.text("User name."),
  password: option.secret("Password."),
};

/** Options of every client of Kafka. */
export const kafkaOptions = {
  brokers: option.list(broker, { minItems: 1 })(
    "Bootstrap brokers. weir learns the addresses of the others from them.",
    {
      examples: [["kafka-1.example.org:9092", "kafka-2.example.org:9092"]],
    },
  ),
  sasl: option.optional(option.group(saslOptions)("Credentials. Without them, weir does not authenticate.")),
  tls: switchedTlsOption,
};

export type KafkaConfig = Config<typeof kafkaOptions>;
