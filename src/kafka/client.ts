import { readClientTls, usesTls } from "../http/tls.ts";
import type { KafkaConfig } from "./options.ts";

/** The package that speaks Kafka's protocol, as `npm i` takes it; see docs/decisions/0037-kafka.md. */
export const kafkaPackage = "@platformatic/kafka@2";

const mechanisms = { plain: "PLAIN", "scram-sha-256": "SCRAM-SHA-256", "scram-sha-512": "SCRAM-SHA-512" } as const;

/** What the clients of the package take: where the brokers are, and who asks. Throws a sentence if a file cannot be read. */
export const clientOptions = ({ brokers, sasl, tls }: KafkaConfig, clientId: string) => ({
  clientId,
  bootstrapBrokers: [...brokers],
  connectTimeout: 10_000,
  ...(usesTls(tls) && { tls: { ...readClientTls(tls), minVersion: "TLSv1.2" as const } }),
  ...(sasl && { sasl: { mechanism: mechanisms[sasl.mechanism], username: sasl.user, password: sasl.password } }),
});
