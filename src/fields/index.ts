export { ExactNumber } from "../exact-number.ts";
export { isObject, kindOf } from "../json.ts";
export { readsMeta } from "../origin/meta-view.ts";
export { parseJson } from "../parse-json.ts";
export { Template, TemplateError, templatePattern } from "../template/template.ts";
export { Draft, readPath, WriteError, type WritePath, writePath } from "./draft.ts";
export { canonicalIp, isIp, type Network, networkKey, parseNetwork } from "./ip.ts";
export { addMissing, merged } from "./members.ts";
export { compilePath } from "./path.ts";
