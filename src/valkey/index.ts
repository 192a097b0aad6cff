export { type Connected, Connection, type Purpose, valkeyPackage } from "./connection.ts";
export { flawsOf } from "./flaws.ts";
export { type OpenHistory, openSharedHistory, packagesForState } from "./open.ts";
export { sharedStateOption } from "./options.ts";
export { checkValkeyServer, type ValkeyServer, valkeyServerOptions } from "./server-options.ts";
