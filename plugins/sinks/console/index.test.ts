import { execFile, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Plugin } from "weir";
import { delivery, flaws, systemClock } from "weir/testing";
import sink from "./index.ts";
import { writeAll } from "./output.ts";
import { coloured, plain, terminalText } from "./paint.ts";
import { prettyText } from "./pretty.ts";

const alert = {
  "@timestamp": "2031-03-04T05:06:07.089Z",
  event: { kind: "signal", action: "list", outcome: "success" },
  orchestrator: { namespace: "billing", resource: { type: "secrets", name: "card-vault" } },
  "kibana.alert.uuid": "0123456789abcdef0123456789abcdef",
  "kibana.alert.severity": "low",
  "kibana.alert.risk_score": 21,
  "kibana.alert.rule.name": "Secret read by a stranger",
  "kibana.alert.reason": `"mallory" did "list" on "secrets" (low: Secret read by a stranger).`,
  "kibana.alert.rule.threat": [
    {
      framework: "MITRE ATT&CK",
      tactic: { id: "TA0006", name: "Credential Access" },
      technique: [
        {
          id: "T1552",
          name: "Unsecured Credentials",
          subtechnique: [{ id: "T1552.007", name: "Container API" }],
        },
      ],
    },
  ],
  weir: {
    new_terms: {
      terms: [
        { field: "user_agent.original", value: "wget/9", new: true },
        { field: "source.ip", value: "192.0.2.7", new: false, last_seen: "2031-03-03T00:00:00.000Z" },
      ],
    },
  },
};

it("is well formed", () => expect(flaws(sink as Plugin)).toEqual([]));

describe("pretty", () => {
  it("shows an alert as a card", () => {
    expect(prettyText(delivery(alert), plain)).toBe(
      `▲ 2031-03-04T05:06:07.089Z  LOW 21  Secret read by a stranger
  "mallory" did "list" on "secrets" (low: Secret read by a stranger).
    user_agent.original  wget/9     ★ new by itself
    source.ip            192.0.2.7  known, last seen 2031-03-03T00:00:00.000Z
    request              list secrets "card-vault" in billing
    result               success
    ATT&CK               TA0006 Credential Access › T1552 Unsecured Credentials › T1552.007 Container API
    alert                0123456789abcdef0123456789abcdef, raised 2031-03-04T05:06:07.089Z

`,
    );
  });

  it("shows of a Kubernetes request when it was made, with what result, as whom and where", () => {
    const { event: _, ...rest } = alert;
    const audit = {
      requestReceivedTimestamp: "2031-03-04T05:00:00.5Z",
      impersonatedUser: { username: "root\u001b" },
      responseStatus: { code: 403 },
    };
    const orchestrator = { ...alert.orchestrator, cluster: { name: "production" } };
    const data = { ...rest, orchestrator, host: { name: "cp-1" }, kubernetes: { audit } };
    const card = prettyText(delivery(data), plain);
    expect(card).toMatch(/^▲ 2031-03-04T05:00:00\.500Z {2}LOW 21/);
    expect(card).toContain(`
    request              secrets "card-vault" in billing
    result               denied (403)
    as                   root\\u{1b}
    on                   host cp-1, cluster production
`);
    expect(card).toContain(", raised 2031-03-04T05:06:07.089Z\n");
  });

  it("shows any other event as one line", () => {
    const data = { event: { action: "get" }, user: { name: "ada" }, n: 1 };
    expect(prettyText(delivery(data), plain)).toBe(
      `2026-01-01T00:00:00.000Z get ada {"event":{"action":"get"},"user":{"name":"ada"},"n":1}\n`,
    );
  });

  it("adds only colours on a terminal", () => {
    const text = prettyText(delivery(alert), coloured);
    expect(text).toContain("\x1b[");
    expect(text.replaceAll(/\x1b\[\d+m/g, "")).toBe(prettyText(delivery(alert), plain));
  });

  it("prints no control character from an event", () => {
    const nasty = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(nasty, nasty, (one, two) => {
        const terms = [{ field: "user_agent.original", value: one, new: true }];
        const card = prettyText(
          delivery({
            ...alert,
            "@timestamp": two,
            event: { action: one },
            user: { name: two },
            weir: { new_terms: { terms } },
          }),
          plain,
        );
        const line = prettyText(delivery({ "@timestamp": two, event: { action: one }, user: { name: two } }), plain);
        expect(card.split("\n").every((text) => terminalText(text) === text)).toBe(true);
        expect(terminalText(line.slice(0, -1))).toBe(line.slice(0, -1));
        expect(card.split("\n")).toHaveLength(8);
      }),
    );
    expect(terminalText("a\x1b[31mb\u202ec")).toBe("a\\u{1b}[31mb\\u{202e}c");
  });

  it("marks a combination of known terms as new", () => {
    const terms = ["user.name", "source.ip"].map((field) => ({ field, value: "x", new: false }));
    const text = prettyText(delivery({ ...alert, weir: { new_terms: { terms } } }), plain);
    expect(text).toContain("\n    user.name  x  known\n    source.ip  x  known\n               ★ new together\n");
  });

  it("shows an alert that lacks most fields", () => {
    expect(prettyText(delivery({ "kibana.alert.rule.name": "Bare" }), plain)).toContain("UNKNOWN  Bare");
  });
});

describe("output", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "weir-console-"));
  });
  afterAll(() => rm(directory, { recursive: true }));
  const context = { clock: systemClock, signal: new AbortController().signal, isTerminal: false };

  it("writes every byte to a slow reader", async () => {
    const pipe = join(directory, "pipe");
    await promisify(execFile)("mkfifo", [pipe]);
    const reader = spawn("sh", ["-c", `sleep 0.2; cat "${pipe}" > "${pipe}.out"`]);
    const ended = new Promise((resolve) => reader.on("exit", resolve));
    // Open for reading and writing, so that opening does not block.
    const descriptor = openSync(pipe, "r+");
    const bytes = Buffer.from("0123456789abcde\n".repeat(20_000));
    await writeAll(descriptor, bytes, context);
    closeSync(descriptor);
    await ended;
    expect((await readFile(`${pipe}.out`)).equals(bytes)).toBe(true);
  });

  it("rejects if the reader has exited", async () => {
    const pipe = join(directory, "broken");
    await promisify(execFile)("mkfifo", [pipe]);
    const reader = spawn("sh", ["-c", `exec 3<"${pipe}"; exit 0`]);
    const ended = new Promise((resolve) => reader.on("exit", resolve));
    const descriptor = openSync(pipe, "w");
    await ended;
    await expect(writeAll(descriptor, Buffer.from("x\n"), context)).rejects.toMatchObject({
      message: "the program that reads standard output has exited",
      gone: true,
    });
    closeSync(descriptor);
  });
});
