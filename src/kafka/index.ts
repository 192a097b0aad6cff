export { importPackage } from "../plugin-modules/package.ts";
export { clientOptions, kafkaPackage } from "./client.ts";
export { isTooMuch, limitDecompression } from "./decompression.ts";
export { type KafkaConfig, kafkaOptions } from "./options.ts";
export { type Producer, Producers } from "./producers.ts";
export { isUnknownTopic, kafkaErrors, kafkaWords } from "./words.ts";
