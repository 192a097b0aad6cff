export { type Connected, Connection, type Purpose, valkeyPackage } from "./connection.ts";
export { flawsOf } from "./flaws.ts";
export { checkValkeyServer, type ValkeyServer, valkeyServerOptions } from "./server-options.ts";
