import { appendFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { expectConservation } from "../end-to-end/conservation.ts";
import { freePort } from "../end-to-end/free-port.ts";
import { pipelineFile, readLines, readLinesSoFar, readStats, startWeir, temporaryFolder } from "../end-to-end/weir.ts";
import { authority, hasOpenssl } from "../http/certificates.ts";
import { logger, programs, startRsyslog, startSyslogNg } from "./programs.ts";

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await sleep(20);
};

/** Starts weir with these components and a file for what the sources receive. */
const run = async (folder: string, components: { readonly sources: object; readonly sinks?: object }) => {
  const [out, stats] = [join(folder, "out.ndjson"), join(folder, "stats.json")];
  const received = Object.keys(components.sources).filter((id) => id !== "sent");
  const sinks = { ...components.sinks, out: { type: "file", inputs: received, path: out } };
  const pipeline = pipelineFile(folder, { ...components, sinks });
  const weir = startWeir(["run", pipeline, "--data-dir", join(folder, "data"), "--stats", stats]);
  for (const _ of received) await weir.said("listening on");
  return {
    out,
    end: async () => {
      expect(await weir.stop("SIGTERM")).toMatchObject({ code: 0 });
      expectConservation(readStats(stats));
      return readLines(out) as unknown as Found[];
    },
  };
};

interface Found {
  readonly message: string;
  readonly host: { readonly name: string };
  readonly process?: { readonly name?: string; readonly pid?: number };
  readonly log: {
    readonly source?: { readonly address: string };
    readonly syslog: Readonly<Record<string, unknown>> & { readonly priority: number };
  };
}

const events = Array.from({ length: 500 }, (_, n) => ({
  n,
  text: `Grüße ${"x".repeat((n * 37) % 3_000)} <1>2 "quoted" \\ ] #`,
  host: { name: "orchard" },
}));

/** Sends events to a server and gets them back from it. */
const there = (folder: string, address: string, listen: string, more: { source?: object; sink?: object } = {}) => {
  appendFileSync(join(folder, "sent.ndjson"), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  return run(folder, {
    sources: {
      sent: { type: "file", include: [join(folder, "sent.ndjson")], codec: "json" },
      back: { type: "syslog", listen, ...more.source },
    },
    sinks: {
      to: {
        type: "syslog",
        inputs: ["sent"],
        address,
        facility: "local4",
        severity: "err",
        appname: "weir-test",
        ...more.sink,
      },
    },
  });
};

const expectAll = (found: readonly Found[]) => {
  expect(found.map(({ message }) => JSON.parse(message))).toEqual(events);
  for (const { host, process, log } of found)
    expect([host.name, process?.name, log.syslog.priority]).toEqual(["orchard", "weir-test", 163]);
};

describe.skipIf(!programs.rsyslogd)("rsyslog", () => {
  const server = (port: number, back: string) => `
    module(load="imtcp")
    template(name="rfc3164" type="string" string="<%PRI%>%TIMESTAMP% %HOSTNAME% %app-name%: %msg%")
    input(type="imtcp" port="${port}" address="127.0.0.1")
    action(type="omfwd" target="127.0.0.1" ${back})`;

  it.each([
    ["octet_counting", "octet-counted", "RSYSLOG_SyslogProtocol23Format", false],
    ["newline", "traditional", "RSYSLOG_SyslogProtocol23Format", true],
    ["octet_counting", "octet-counted", "rfc3164", true],
  ])("takes and sends over TCP: %s, %s, %s, confirmed: %s", async (framing, sends, template, confirm) => {
    const folder = temporaryFolder();
    const [port, own] = [await freePort(), await freePort()];
    const back = `port="${own}" protocol="tcp" tcp_framing="${sends}" template="${template}"`;
    await startRsyslog(folder, server(port, back), port);
    const weir = await there(folder, `127.0.0.1:${port}`, `127.0.0.1:${own}`, { sink: { framing, confirm } });
    await until(() => readLinesSoFar(weir.out).length >= events.length);
    expectAll(await weir.end());
  });

  it("sends over UDP, in RFC 5424 and RFC 3164", async () => {
    const folder = temporaryFolder();
    const [port, own] = [await freePort(), await freePort()];
    const back = `port="${own}" protocol="udp" template="rfc3164"`;
    await startRsyslog(folder, server(port, back), port);
    const weir = await there(folder, `127.0.0.1:${port}`, `udp://127.0.0.1:${own}`);
    // Datagrams may be lost, even here.
    await until(() => readLinesSoFar(weir.out).length >= 10);
    await sleep(500);
    const found = await weir.end();
    expect(found.length).toBeGreaterThan(10);
    expect(found[0]).toMatchObject({ host: { name: "orchard" }, log: { source: { address: /^127\.0\.0\.1:\d+$/ } } });
    for (const { message } of found) expect(events).toContainEqual(JSON.parse(message));
  });
});

describe.skipIf(!programs["syslog-ng"])("syslog-ng", () => {
  const config = (source: string, destination: string) =>
    `options { keep-hostname(yes); time-reopen(1); log-msg-size(65536); use-dns(no); dns-cache(no); };
    source s { ${source}; }; destination d { ${destination}; }; log { source(s); destination(d); };`;

  it("takes RFC 5424 and sends RFC 3164 in lines", async () => {
    const folder = temporaryFolder();
    const [port, own] = [await freePort(), await freePort()];
    const source = `syslog(ip(127.0.0.1) port(${port}) transport("tcp"))`;
    await startSyslogNg(folder, config(source, `network("127.0.0.1" port(${own}) transport("tcp"))`), port);
    const weir = await there(folder, `127.0.0.1:${port}`, `127.0.0.1:${own}`, { sink: { confirm: true } });
    await until(() => readLinesSoFar(weir.out).length >= events.length);
    expectAll(await weir.end());
  });

  it.skipIf(!hasOpenssl)("takes and sends over TLS, with certificates on both sides", async () => {
    const folder = temporaryFolder();
    const [port, own] = [await freePort(), await freePort()];
    const trusted = authority(folder, "own");
    const [server, weirs] = [trusted.issue("server"), trusted.issue("weir")];
    const tls = `transport("tls") tls(key-file("${server.key}") cert-file("${server.certificate}") ca-file("${trusted.ca}") peer-verify(required-trusted))`;
    const back = `syslog("127.0.0.1" port(${own}) ${tls})`;
    await startSyslogNg(folder, config(`syslog(ip(127.0.0.1) port(${port}) ${tls})`, back), port);
    const weir = await there(folder, `tls://127.0.0.1:${port}`, `127.0.0.1:${own}`, {
      source: { tls: { ...weirs, client_ca: trusted.ca, client_names: ["server"] } },
      sink: { tls: { ca: trusted.ca, ...weirs } },
    });
    await until(() => readLinesSoFar(weir.out).length >= events.length);
    expectAll(await weir.end());
  });
});

describe.skipIf(!programs.logger)("logger", () => {
  it("sends over TCP, UDP and a Unix socket, in all formats", async () => {
    const folder = temporaryFolder();
    const [tcp, udp, path] = [await freePort(), await freePort(), join(folder, "log.sock")];
    const weir = await run(folder, {
      sources: {
        tcp: { type: "syslog", listen: `127.0.0.1:${tcp}` },
        udp: { type: "syslog", listen: `udp://127.0.0.1:${udp}` },
        local: { type: "syslog", listen: `unix:${path}`, socket_mode: "0600" },
      },
    });
    await until(() => ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o777) === 0o600);
    const over = [
      ["-n", "127.0.0.1", "-P", String(tcp), "-T"],
      ["-n", "127.0.0.1", "-P", String(udp), "-d"],
      ["-u", path],
    ];
    const formats = [["--rfc5424"], ["--rfc5424", "--octet-count"], ["--rfc3164"], []];
    const sent = over
      .flatMap((where) => formats.map((format) => [...where, ...format].join(" ")))
      .filter((args) => !args.includes("-d --rfc5424 --octet-count"));
    for (const [index, args] of sent.entries())
      logger(...args.split(" "), "-t", "weir-test", "-i", "-p", "auth.crit", `message ${index}`);
    await until(() => readLinesSoFar(weir.out).length >= sent.length);
    const found = await weir.end();
    const all = found.map(({ message }) => message).sort();
    expect(all).toEqual(sent.map((_, index) => `message ${index}`).sort());
    for (const { process, log } of found)
      expect([process?.name, typeof process?.pid, log.syslog.priority]).toEqual(["weir-test", "number", 34]);
  });
});
