export { TimedKeys } from "./timed-keys.ts";
