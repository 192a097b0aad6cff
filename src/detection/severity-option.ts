import { option } from "../option/option.ts";

/** How severe the alerts of a rule are. */
export const severityOption = option.oneOf("low", "medium", "high", "critical");
