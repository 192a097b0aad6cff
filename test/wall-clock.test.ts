import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What reads the clock that somebody may set, and why that is right there. Intervals, waits and limits are not. */
const readers: Readonly<Record<string, string>> = {
  "src/clock.ts": "is the clock",
  "src/runtime/flow/stamp.ts": "stamps what comes in, and notices when the clock is set",
  "src/runtime/dead-letters/dead-letters.ts": "stamps dead letters",
  "src/transform/scheduler.ts": "starts the time of RxJS with it",
  "src/cli/explain.ts": "is the time of events when no other is given",
  "src/pipeline-tests/run/trial.ts": "asks the virtual clock of a test",
  "src/cli/explain-rule.ts": "the same, for one rule",
  "src/cli/rule-files.ts": "warns of exceptions that end",
  "src/backtest/backtest.ts": "is the time of a recording without any time",
  "src/cli/state-export.ts": "dates an export",
  "src/cli/state-import.ts": "says what has expired when it is imported",
  "src/recorded/player.ts": "asks the clock of a recording",
  "src/recorded/time-reader.ts": "knows times that are in the future",
  "src/tables/remote-table.ts": "is the time of indicators whose page has no date",
  "src/cli/status.ts": "shows how long ago a stamp was",
  "src/cli/top.ts": "the same, and shows the time",
  "src/reload/reloader.ts": "stamps loads of the pipeline",
  "src/scaffold/rule.ts": "dates a new rule",
  "src/http-client/http-writer.ts": "compares a date in Retry-After that came without Date",
  "plugins/sinks/websocket_client/index.ts": "compares a date in Retry-After, too",
  "plugins/sinks/websocket_client/link.ts": "the same",
  "plugins/sources/http_client/read.ts": "the same",
  "plugins/sources/kubernetes_logs/pods/follow-pods.ts": "the same",
  "plugins/sources/websocket_client/feed.ts": "the same",
  "plugins/sinks/file/rotation.ts": "names rotated files, and compares the age of a file across restarts",
  "plugins/sinks/webhook.ts": "signs the time of the request",
  "plugins/sources/file/streams/absence.ts": "compares how long a file has been missing across restarts",
  "plugins/sources/stdin.ts": "names the stream",
  "plugins/sources/exec/runs.ts": "names the streams",
  "src/socket/datagrams.ts": "names the stream",
  "src/socket/streams.ts": "names the streams",
  "src/kafka/history/tail.ts": "takes no record for younger than now",
  "src/http/plain/answer-text.ts": "dates an answer",
  "plugins/sources/aws_firehose/protocol.ts": "dates an answer",
  "src/telemetry/log-feed.ts": "stamps lines of the log",
  "plugins/sources/internal_metrics.ts": "is the time of the metrics",
  "plugins/sinks/s3/bucket.ts": "signs the time of the request, and compares a date in Retry-After",
  "plugins/sinks/s3/index.ts": "knows when credentials expire",
  "plugins/sinks/alertmanager/index.ts": "says until when an alert is firing, on the axis of the receiver",
};

const wallClock = /\bDate\.now\b|\bnew Date\(\)|\b[cC]lock\.now\(/;

it("the wall clock is read for stamps only", () => {
  const files = globSync("{src,plugins,examples}/**/*.ts", { cwd: root }).filter((path) => !path.endsWith(".test.ts"));
  const found = files.filter((path) => wallClock.test(readFileSync(`${root}/${path}`, "utf8")));
  expect(found.sort()).toEqual(Object.keys(readers).sort());
});
