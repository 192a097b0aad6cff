export { CelError } from "./cel-error.ts";
export { type CelExpression, compileCel } from "./compile.ts";
