export { LinearRegex, type Match } from "./linear-regex.ts";
export { RegexError, type RegexOptions } from "./syntax.ts";
