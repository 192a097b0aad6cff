export { type Look, TimedKeys } from "./timed-keys.ts";
