import type { Scanner, ScanPlan } from "./plan.ts";

/** A scanner for a plan; `undefined` if there is none for it. */
export const newScanner = (_plan: ScanPlan): Scanner | undefined => undefined;
