export { atOption, OptionError } from "../option/option-error.ts";
export { fieldTypesOption, queryOptions } from "../option/query-options.ts";
export type { Ending, FieldOrigin, Passing, Turning, TurningMember } from "./passing.ts";
export type { Trace, TracedStep } from "./trace.ts";
