import { type EventCounts, type Ledger, type Reasons, sum, unbalanced } from "../telemetry/ledger.ts";
import type { Topology } from "../topology/topology.ts";

/** Counters of one component, named as in the metrics. They count events unless the name says otherwise. */
export interface ComponentStats {
  readonly kind: string;
  readonly type: string;
  readonly component_received_events_total: number;
  readonly component_received_bytes_total: number;
  readonly component_created_events_total: number;
  readonly component_sent_events_total: number;
  readonly component_consumed_events_total: Reasons;
  readonly component_dropped_events_total: Reasons;
  readonly component_dead_letter_events_total: Reasons;
  readonly component_in_flight_events: number;
  /** The part of the sent events that went to named outputs, by output. */
  readonly component_sent_events_by_output: Reasons;
  readonly component_retries_total: number;
  /** Retries by cause. */
  readonly component_retries_by_reason: Reasons;
  /** Requests and readings that a source refused, by reason. */
  readonly component_refusals_total: Reasons;
  readonly component_notes_total: Reasons;
  /** The size of its state and the limit of that, in bytes, once it has written something. */
  readonly component_state_bytes?: number;
  readonly component_state_max_bytes?: number;
  /** How far the source has read, of what it is going to read, in bytes, if it ends and says so. */
  readonly component_progress_bytes?: number;
  readonly component_progress_total_bytes?: number;
  /** received + created − (sent + consumed + dropped + dead-lettered + in flight): always 0. */
  readonly unbalanced_events: number;
}

export interface Stats {
  readonly components: Readonly<Record<string, ComponentStats>>;
  readonly commits_total: number;
  readonly commit_retries_total: number;
  /** Undelivered bytes in each outbox, including the dead letter. */
  readonly outbox_bytes: Readonly<Record<string, number>>;
  readonly uptime_seconds: number;
  /** Memory of the index of keys in the state, its limit, how many keys it has, and whether that is all of them: 1 or 0. */
  readonly state_index_bytes: number;
  readonly state_index_max_bytes: number;
  readonly state_index_keys: number;
  readonly state_index_complete: number;
  /** The largest resident set of the process so far. */
  readonly peak_memory_bytes: number;
}

export const componentStats = (kind: string, type: string, ledger: Ledger): ComponentStats => {
  const counts: EventCounts = ledger.counts();
  return {
    kind,
    type,
    component_received_events_total: counts.received,
    component_received_bytes_total: ledger.bytes,
    component_created_events_total: counts.created,
    component_sent_events_total: counts.sent,
    component_consumed_events_total: counts.consumed,
    component_dropped_events_total: counts.dropped,
    component_dead_letter_events_total: counts.deadLettered,
    component_in_flight_events: counts.inFlight,
    component_sent_events_by_output: ledger.outputs,
    component_retries_total: sum(ledger.retries),
    component_retries_by_reason: ledger.retries,
    component_refusals_total: ledger.refusals,
    component_notes_total: ledger.notes,
    ...(ledger.state && {
      component_state_bytes: ledger.state.bytes,
      component_state_max_bytes: ledger.state.quota,
    }),
    ...(ledger.progress && {
      component_progress_bytes: ledger.progress.bytes,
      component_progress_total_bytes: ledger.progress.total,
    }),
    unbalanced_events: unbalanced(counts),
  };
};

export const allComponentStats = ({ components }: Topology, ledgers: ReadonlyMap<string, Ledger>) =>
  Object.fromEntries(
    components.map(({ id, kind, plugin }) => [id, componentStats(kind, plugin.name, ledgers.get(id)!)]),
  );
