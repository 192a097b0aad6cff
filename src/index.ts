export type { Clock } from "./clock.ts";
export type { Codec, RecordReader } from "./codec.ts";
export type { Context } from "./context.ts";
export {
  type EventTap,
  PipelineError,
  type PipelineOptions,
  type RunningPipeline,
  type RunOptions,
  run,
  type TapOptions,
  type TappedEvent,
  validate,
} from "./embed/index.ts";
export { type Event, withData } from "./event.ts";
export { fieldValues } from "./fields/values.ts";
export { fingerprint } from "./fingerprint.ts";
export type { Data, Json } from "./json.ts";
export { type Config, type Option, type Options, option } from "./option/option.ts";
export {
  type Checkpoint,
  type CodecName,
  type Defined,
  type Delivery,
  DeliveryError,
  defineCodec,
  defineSink,
  defineSource,
  defineTransform,
  type Framing,
  type Log,
  type Offer,
  type Outcome,
  type Plugin,
  type Reading,
  type SinkContext,
  type SourceContext,
  type Writer,
} from "./plugin.ts";
export type { Problem } from "./problem.ts";
export { type State, StateFull } from "./state.ts";
export { RejectError } from "./transform/reject.ts";
export type { Keeper, StepResult, Tick } from "./transform/transform.ts";
