import type { ScanPlan, Scanner } from "./plan.ts";

/** A scanner for a plan; `undefined` if there is none for it. */
export const newScanner = (_plan: ScanPlan): Scanner | undefined => undefined;
