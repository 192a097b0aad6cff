export { type Account, Batch, type Ended, type Rejection } from "./batch.ts";
export { type EachBatchOptions, eachBatch } from "./transform/each-batch.ts";
export { filterEvents, flatMapEvents, mapEvents } from "./transform/lift.ts";
export type { CreateContext } from "./transform/transform.ts";
