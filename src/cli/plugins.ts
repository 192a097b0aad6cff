import { codecs, plugins } from "../../plugins/index.ts";
import type { Plugin } from "../plugin.ts";
import { isTrusted } from "./trusted.ts";

/** Every plugin and codec that comes with weir. Only this file and named-plugins.ts, under `src`, import plugins. */
export { codecs, plugins };

/** For the plugins among these, data is neither frozen nor checked; for all others it is. */
export const trusted: ReadonlySet<Plugin> = new Set(plugins.filter(isTrusted));
