export { LinearRegex, type LinearRegexOptions, type Match } from "./linear-regex.ts";
export { RegexError } from "./regex-error.ts";
export { type ListedRegex, RegexList } from "./regex-list.ts";
export type { RegexOptions } from "./syntax.ts";
