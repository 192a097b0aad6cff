export { type Account, Batch, type Rejection } from "./batch.ts";
export { type Clock, systemClock } from "./clock.ts";
export { type Event, RecordMeta, withData } from "./event.ts";
export type { Data, Json } from "./json.ts";
export { filterEvents, flatMapEvents, mapEvents, RejectError } from "./operators/lift.ts";
export { type Config, type Option, type Options, option } from "./option.ts";
export * from "./plugin.ts";
export type { Rule } from "./rules/rule.ts";
export { memoryState, type State } from "./state.ts";
