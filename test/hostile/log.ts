import { appendFileSync, renameSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { floodEvent } from "./attacks/events.ts";
import type { Client } from "./honest.ts";

const MiB = 1 << 20;

/** What somebody may write to a log besides its lines; each ends with a line feed. */
const damage: readonly ((path: string) => void)[] = [
  (path) => {
    for (let size = 0; size < 20; size++) appendFileSync(path, Buffer.alloc(MiB, "x"));
    appendFileSync(path, "\n");
  },
  // A hole as after a power loss, or as a writer leaves it that does not append.
  (path) => {
    truncateSync(path, statSync(path).size + 40 * MiB);
    appendFileSync(path, "\n");
  },
  (path) => appendFileSync(path, `${"[".repeat(200_000)}\n`),
  (path) => appendFileSync(path, `${'{"a":'.repeat(6_000)}1${"}".repeat(6_000)}\n`),
  (path) => appendFileSync(path, Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0x80, 0xc0]), Buffer.from("\n")])),
  (path) => appendFileSync(path, "\n".repeat(100_000)),
  (path) => appendFileSync(path, `${floodEvent(`log-${Date.now()}`, 85_000)}\n`),
];

/** The audit line of a read that is not worth an alert. */
const auditLine = (auditID: string): string => {
  const event = JSON.parse(floodEvent(auditID, 1)) as Record<string, unknown>;
  return JSON.stringify({ ...event, objectRef: { resource: "pods", apiVersion: "v1" }, requestURI: "/api/v1/pods" });
};

/** Writes honest lines to a log and damage between them, and rotates it now and then. `written` gets what is whole. */
export const damagedLog = (path: string, written: Set<string>): Client => {
  writeFileSync(path, "");
  let isOver = false;
  const writing = (async () => {
    for (let turn = 0; !isOver; turn++) {
      const names = Array.from({ length: 5 }, (_, index) => `log-${turn * 5 + index}`);
      appendFileSync(path, names.map((name) => `${auditLine(name)}\n`).join(""));
      for (const name of names) written.add(name);
      if (turn % 15 === 7) damage[((turn - 7) / 15) % damage.length]!(path);
      if (turn % 60 === 59) {
        renameSync(path, path.replace(".log", `-${new Date().toISOString().replaceAll(":", "-").slice(0, -1)}.log`));
        writeFileSync(path, "");
      }
      await sleep(100);
    }
  })();
  return {
    stop() {
      isOver = true;
      return writing;
    },
  };
};
