export { EqlError, EqlSyntaxError } from "./error.ts";
export { formatEql } from "./format.ts";
export { parseEql } from "./parse.ts";
