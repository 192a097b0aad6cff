export { isIp } from "./ip.ts";
