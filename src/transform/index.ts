export { atOption, OptionError } from "../option/option-error.ts";
export type { Trace, TracedStep } from "./trace.ts";
