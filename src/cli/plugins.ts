/** Where the core and the plugins meet: no other file under `src` knows a plugin. */
export { plugins } from "../../plugins/index.ts";
