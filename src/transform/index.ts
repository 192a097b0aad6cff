export { atOption, OptionError } from "../option/option-error.ts";
export { defaultFieldsOption, fieldTypesOption, queryOptions } from "../option/query-options.ts";
export { stateOption } from "../option/state-option.ts";
export { didYouMean } from "../problem.ts";
export type { Ending, FieldOrigin, Passing, Turning, TurningMember } from "./passing.ts";
export type { Trace, TracedStep } from "./trace.ts";
