/** What `parse-everything.yaml` does, as a loop by hand: each line is parsed, changed, written, and at the end synced. Nothing is kept for a crash. */
import { fdatasyncSync, openSync } from "node:fs";
import { eachLine, lineWriter } from "./lines.ts";

const [from, to] = process.argv.slice(2) as [string, string];
const { write, flush } = lineWriter(to);
eachLine(from, (line) => {
  const event = JSON.parse(line);
  event.event = { dataset: "kubernetes.audit", kind: "event", action: event.verb };
  event.labels = { cluster: "production" };
  event.user.name = event.user.username;
  if (event.objectRef) event.orchestrator = { resource: { type: event.objectRef.resource } };
  write(JSON.stringify(event));
});
flush();
fdatasyncSync(openSync(to, "r+"));
