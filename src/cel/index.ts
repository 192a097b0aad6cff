export { CelError, type CelExpression, compileCel } from "./compile.ts";
