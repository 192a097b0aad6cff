export { importPackage } from "../plugin-modules/package.ts";
export { clientOptions, kafkaPackage } from "./client.ts";
export { type KafkaConfig, kafkaOptions } from "./options.ts";
export { kafkaErrors, kafkaWords } from "./words.ts";
