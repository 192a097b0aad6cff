export { type OpenHistory, openSharedHistory, packagesForState } from "./open.ts";
export { sharedStateOption } from "./options.ts";
