export { backoff, backoffOption } from "./backoff.ts";
export { type Account, Batch, type Ended } from "./batch.ts";
export { type Clock, systemClock } from "./clock.ts";
export { type DetectOptions, detect } from "./detection/detect.ts";
export { type NewTermsOptions, newTerms } from "./detection/new-terms/new-terms.ts";
export type { NewTerms, Term } from "./detection/new-terms/terms.ts";
export type { Rule } from "./detection/rule.ts";
export { ruleOption } from "./detection/rule-option.ts";
export { type AlertOptions, toAlert } from "./detection/to-alert.ts";
export { type Event, RecordMeta, withData } from "./event.ts";
export { compilePath } from "./fields/path.ts";
export { fieldValues } from "./fields/values.ts";
export { fingerprint } from "./fingerprint.ts";
export type { Data, Json } from "./json.ts";
export { compileKql, KqlError, type KqlPredicate } from "./kql/index.ts";
export { type Config, type Option, type Options, option } from "./option/option.ts";
export {
  type Checkpoint,
  type Delivery,
  DeliveryError,
  defineSink,
  defineSource,
  defineTransform,
  type Failure,
  type Log,
  type Offer,
  type Outcome,
  type Plugin,
  type Reading,
  type Sink,
  type SinkContext,
  type Source,
  type SourceContext,
  type Writer,
} from "./plugin.ts";
export { type Scan, type State, StateFull } from "./state.ts";
export { andMore, Seldom } from "./telemetry/seldom.ts";
export { Template, TemplateError, templatePattern } from "./template/template.ts";
export { type EachBatchOptions, eachBatch } from "./transform/each-batch.ts";
export { filterEvents, flatMapEvents, mapEvents } from "./transform/lift.ts";
export { RejectError } from "./transform/reject.ts";
export type {
  BulkStep,
  CreateContext,
  CreateTransform,
  EachStep,
  EachTools,
  EachTransform,
  KeepContext,
  Keeper,
  KeepStep,
  KeepTools,
  KeepTransform,
  Note,
  Outputs,
  Revealed,
  StepResult,
  Tick,
  Transform,
} from "./transform/transform.ts";
