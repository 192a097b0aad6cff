import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Connection } from "../../../src/valkey/connection.ts";
import { historyPurpose, ValkeyHistory } from "../../../src/valkey/history.ts";
import type { ValkeyConfig } from "../../../src/valkey/options.ts";
import { freePort } from "../../end-to-end/free-port.ts";
import { authority, hasOpenssl } from "../../http/certificates.ts";
import { rightsIn } from "./rights.ts";
import { hasServer, Server } from "./server.ts";

const defaults = { prefix: "weir:", disorder: 0, tls: {} };

describe.skipIf(!hasServer || !hasOpenssl)("TLS and credentials of a real server", () => {
  let server: Server;
  let url: string;
  let ca: string;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "weir-valkey-tls-"));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const own = authority(folder, "valkey");
    ca = own.ca;
    const { certificate, key } = own.issue("server");
    const port = await freePort();
    url = `rediss://127.0.0.1:${port}/0`;
    const tls = ["--tls-port", String(port), "--tls-cert-file", certificate, "--tls-key-file", key];
    server = await Server.start([...tls, "--tls-ca-cert-file", ca, "--tls-auth-clients", "no"]);
    await server.with((client) =>
      client.sendCommand(["ACL", "SETUSER", "weir", ...rightsIn("docs/many-collectors.md")]),
    );
  });

  const ask = async (config: ValkeyConfig): Promise<boolean> => {
    const connection = new Connection(config, historyPurpose);
    const history = new ValkeyHistory(connection, config);
    const one = { owner: ["c"], once: String(Math.random()), keys: ["k"], at: 1, window: 1, lateness: 0 };
    try {
      const [answer] = await history.observe([one], new AbortController().signal);
      return answer!.length === 1;
    } finally {
      connection.close();
    }
  };

  it("works with the rights that the page gives the user, and with no others", async () => {
    const config = { ...defaults, url, username: "weir", password: "secret", tls: { ca } };
    expect(await ask(config)).toBe(true);
    await expect(ask({ ...config, prefix: "other:" })).rejects.toThrow("the user lacks a permission");
    await expect(ask({ ...config, password: "wrong" })).rejects.toThrow("(WRONGPASS)");
  });

  it("refuses a certificate of somebody else, and says how to trust it", async () => {
    await expect(ask({ ...defaults, url })).rejects.toThrow('is not trusted; set "state.tls.ca"');
  });

  it("is not reached without TLS", async () => {
    await expect(ask({ ...defaults, url: url.replace("rediss", "redis") })).rejects.toThrow("does it expect TLS?");
  });

  it("takes no observation while it has no memory, and goes on when it has", async () => {
    const config = { ...defaults, url: server.url };
    await server.with((client) => client.sendCommand(["CONFIG", "SET", "maxmemory", "1"]));
    await expect(ask(config)).rejects.toThrow("(OOM)");
    await server.with((client) => client.sendCommand(["CONFIG", "SET", "maxmemory", "0"]));
    expect(await ask(config)).toBe(true);
  });

  it("loads its script again when the server has forgotten it", async () => {
    const config = { ...defaults, url: server.url };
    const connection = new Connection(config, historyPurpose);
    const history = new ValkeyHistory(connection, config);
    const one = { owner: ["c"], once: "flushed", keys: ["flushed"], at: 1, window: 1, lateness: 0 };
    const { signal } = new AbortController();
    const first = await history.observe([one], signal);
    await server.with((client) => client.sendCommand(["SCRIPT", "FLUSH"]));
    await expect(history.observe([one], signal)).rejects.toThrow("which is loaded again (NOSCRIPT)");
    expect(await history.observe([one], signal)).toEqual(first);
    connection.close();
  });
});
