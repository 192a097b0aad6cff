import { type Event, RecordMeta } from "../../../event.ts";
import { fingerprint as hash } from "../../../fingerprint.ts";
import type { State } from "../../../state.ts";
import { detect } from "../../detect.ts";
import type { Rule } from "../../rule.ts";
import { plainRule } from "../../testing/plain-rule.ts";
import type { Cap, Suppression } from "../options.ts";

/** Times in tests count from here. */
export const start = Date.UTC(2026, 0, 1);

/** Raises an alert for each event. */
export const rule: Rule = {
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

export const eventOf = (data: Event["data"], at: number, position: number): Event => ({
  data,
  meta: new RecordMeta("doors", "log", position, at),
});

/** The rule with these limits. */
export const build = (suppression: Suppression | undefined, cap: Cap | undefined) => (state: State) =>
  detect({
    rules: [{ ...rule, ...(suppression && { suppression }) }],
    overrides: cap ? { opened: { max_alerts: cap } } : {},
    state,
    hash,
  });
