export { ExactNumber } from "../exact-number.ts";
export { isObject, kindOf } from "../json.ts";
export { parseJson } from "../parse-json.ts";
export { Template, TemplateError, templatePattern } from "../template/template.ts";
export { addMissing, Draft, merged, WriteError, type WritePath, writePath } from "./draft.ts";
export { isIp } from "./ip.ts";
export { compilePath } from "./path.ts";
