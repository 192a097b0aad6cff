import type { Rule } from "../rule.ts";
import { plainRule } from "./plain-rule.ts";

/** A rule that raises an alert for each event with the action `open`. */
export const openedRule: Rule = {
  name: "opened",
  id: "5a0f3b1e-6a55-4d0c-8f0e-1c9a5f8f3d11",
  version: 1,
  title: "Opened",
  description: "For tests.",
  type: "query",
  query: "action:open",
  timestamp: "event.ingested",
  severity: "low",
  risk_score: 10,
  ...plainRule,
};
