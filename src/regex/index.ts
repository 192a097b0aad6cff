export { LinearRegex, type LinearRegexOptions, type Match } from "./linear-regex.ts";
export { type ListedRegex, RegexList } from "./regex-list.ts";
export { RegexError, type RegexOptions } from "./syntax.ts";
