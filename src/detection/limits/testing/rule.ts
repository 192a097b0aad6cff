import { type Event, RecordMeta } from "../../../event.ts";
import { fingerprint as hash } from "../../../fingerprint.ts";
import type { State } from "../../../state.ts";
import { detect } from "../../detect.ts";
import { openedRule } from "../../testing/opened-rule.ts";
import type { Cap, Suppression } from "../options.ts";

/** Times in tests count from here. */
export const start = Date.UTC(2026, 0, 1);

export const eventOf = (data: Event["data"], at: number, position: number): Event => ({
  data,
  meta: new RecordMeta("doors", "log", position, at),
});

/** The rule with these limits. */
export const build = (suppression: Suppression | undefined, cap: Cap | undefined) => (state: State) =>
  detect({
    rules: [{ ...openedRule, ...(suppression && { suppression }) }],
    overrides: cap ? { opened: { max_alerts: cap } } : {},
    state,
    hash,
  });
