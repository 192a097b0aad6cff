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
