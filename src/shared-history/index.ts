export { openSharedHistory, packagesForState } from "./open.ts";
export { sharedStateOption } from "./options.ts";
export type { OpenHistory } from "./waiting.ts";
