import { readClientTls, usesTls } from "../http/tls.ts";
import type { KafkaConfig } from "./options.ts";

/** The package with the Kafka client, as an argument for `npm i`; see docs/decisions/0037-kafka.md. */
export const kafkaPackage = "@platformatic/kafka@2";

const mechanisms = { plain: "PLAIN", "scram-sha-256": "SCRAM-SHA-256", "scram-sha-512": "SCRAM-SHA-512" } as const;

/**
 * Options for the package's clients: brokers, TLS and credentials. Throws an error whose message is a sentence if it cannot read a file.
 * `at`: what the names of the options begin with, such as `state.`.
 */
export const clientOptions = ({ brokers, sasl, tls }: KafkaConfig, clientId: string, at = "") => ({
  clientId,
  bootstrapBrokers: [...brokers],
  connectTimeout: 10_000,
  ...(usesTls(tls) && { tls: { ...readClientTls(tls, at), minVersion: "TLSv1.2" as const } }),
  ...(sasl && { sasl: { mechanism: mechanisms[sasl.mechanism], username: sasl.user, password: sasl.password } }),
});
