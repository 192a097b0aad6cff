export type { FieldType } from "../fields/types.ts";
export { compileKql, type KqlPredicate } from "./compile.ts";
export { KqlError, KqlSyntaxError } from "./error.ts";
export { formatKql } from "./format.ts";
export { guardOfKql } from "./guard.ts";
export { kqlHeads } from "./heads.ts";
export { type KqlLiteral, type KqlNode, type KqlOperator, kqlConditions, kqlFields } from "./node.ts";
export { type KqlNever, type KqlOptions, kqlOptionsOf } from "./options.ts";
export { parseKql } from "./parse.ts";
