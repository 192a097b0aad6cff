export { isObject, kindOf } from "../json.ts";
export { Template, TemplateError, templatePattern } from "../template/template.ts";
export { isIp } from "./ip.ts";
export { compilePath } from "./path.ts";
