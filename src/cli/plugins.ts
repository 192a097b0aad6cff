/** The only file under `src` that imports plugins. */
export { plugins } from "../../plugins/index.ts";
