import { expect, it } from "vitest";
import { statusText } from "./status.ts";

it("says why a run is not ready, a line for each reason, with nothing that a terminal would obey", () => {
  const report = {
    phase: "running",
    version: "0.1.0",
    pid: 7,
    uptime_seconds: 90,
    not_ready: { weir: "commits are failing (ENOSPC)", gather: "holds \u001b[31ma batch" },
    components: {},
    outboxes: [],
    commits_total: 3,
    commit_retries_total: 1,
  } as unknown as Parameters<typeof statusText>[0];
  expect(statusText(report, 0).split("\n").slice(0, 5)).toEqual([
    "weir 0.1.0, process 7, running for 1m 30s",
    "not ready:",
    "  weir: commits are failing (ENOSPC)",
    "  gather: holds \\u001b[31ma batch",
    "",
  ]);
});

it("counts what went to named outputs, and why events ended", () => {
  const route = {
    kind: "transform",
    type: "route",
    component_received_events_total: 5,
    component_created_events_total: 0,
    component_sent_events_total: 4,
    component_sent_events_by_output: { errors: 3 },
    component_consumed_events_total: {},
    component_dropped_events_total: { output_noise: 1 },
    component_dead_letter_events_total: {},
    component_notes_total: { late: 2 },
    component_in_flight_events: 0,
    unbalanced_events: 0,
  };
  const report = {
    phase: "running",
    version: "0.1.0",
    pid: 7,
    uptime_seconds: 90,
    not_ready: {},
    components: { route },
    outboxes: [],
    commits_total: 3,
    commit_retries_total: 0,
  } as unknown as Parameters<typeof statusText>[0];
  const text = statusText(report, 0);
  expect(text).toContain(
    '  route: 3 sent by the output "errors"\n  route: 1 dropped (output_noise)\n  route: 2 noted (late)\n',
  );
});
