import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryDir, until } from "../runtime/harness.ts";
import { authority, hasOpenssl, shown } from "./certificates.ts";
import { post } from "./client.ts";
import { came, runSource, serve } from "./pipeline.ts";

describe.runIf(hasOpenssl)("TLS", () => {
  it("clients need a certificate of the authority, and one of the names", async () => {
    const folder = temporaryDir();
    const [own, foreign] = [authority(folder, "own"), authority(folder, "foreign")];
    const names = { client_ca: own.ca, client_names: ["apiserver", "press.orchard.example"] };
    const serving = await serve({ tls: { ...own.issue("weir"), ...names } });
    expect(serving.url).toMatch(/^https:/);
    const ca = readFileSync(own.ca);
    const send = (client = {}) => post(serving.url, "[{}]", { ca, agent: false, ...client } as object);
    expect(await send()).toMatchObject({
      status: 401,
      problem: { detail: expect.stringContaining("no valid client certificate") },
    });
    expect((await send(shown(foreign.issue("apiserver")))).status).toBe(401);
    expect(await send(shown(own.issue("picker")))).toMatchObject({
      status: 403,
      problem: { detail: "The client certificate is valid, but its names (picker) are not allowed to send here." },
    });
    expect((await send(shown(own.issue("apiserver")))).status).toBe(200);
    expect((await send(shown(own.issue("other", "DNS:press.orchard.example")))).status).toBe(200);
    await expect(post(serving.url, "[{}]", { agent: false } as object)).rejects.toThrow("certificate");
    await came(serving, 2);
  });

  it("an expired certificate of a client is not valid, and one of a server is not trusted", async () => {
    const own = authority(temporaryDir(), "own");
    const ca = readFileSync(own.ca);
    const serving = await serve({ tls: { ...own.issue("weir"), client_ca: own.ca } });
    const expired = shown(own.issueExpired("apiserver"));
    expect((await post(serving.url, "[{}]", { ca, agent: false, ...expired } as object)).status).toBe(401);

    const served = { expired, elsewhere: shown(own.issue("other", "DNS:other.example")) };
    for (const [what, certificate] of Object.entries(served)) {
      const server = createServer(certificate, (_request, response) => void response.end('{"stolen":true}'));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      onTestFinished(() => void server.close().closeAllConnections());
      const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const run = await runSource({ type: "http_client", url, tls: { ca: own.ca } });
      const reason = what === "expired" ? /has expired/ : /is for another name/;
      await until(() => run.log.some((line) => reason.test(line)));
      expect(run.kept).toEqual([]);
    }
  });

  it("a connection without a handshake is closed after a while, and at once when weir stops", async () => {
    const own = authority(temporaryDir(), "own");
    for (const timeout of ["100ms", "1h"]) {
      const serving = await serve({ timeout, tls: own.issue("weir") });
      const socket = connect(Number(new URL(serving.url).port), "127.0.0.1");
      const closed = once(socket, "close");
      await once(socket, "connect");
      if (timeout === "1h") {
        await serving.runtime.stop(1000);
        expect(await serving.runtime.ended).toEqual({ how: "stopped" });
      }
      socket.resume();
      await closed;
    }
  });

  it("connections without a handshake, and idle ones, make room for others", async () => {
    const own = authority(temporaryDir(), "own");
    const serving = await serve({ max_connections: 5, tls: own.issue("weir") });
    const ca = readFileSync(own.ca);
    const idle = new Agent({ keepAlive: true, ca, localAddress: "127.0.0.2" });
    onTestFinished(() => idle.destroy());
    const sends = Array.from({ length: 5 }, () => post(serving.url, "[{}]", { agent: idle }));
    for (const { status } of await Promise.all(sends)) expect(status).toBe(200);
    for (let n = 0; n < 20; n++) {
      const socket = connect({ port: Number(new URL(serving.url).port), host: "127.0.0.1", localAddress: "127.0.0.2" });
      onTestFinished(() => void socket.destroy());
      await once(
        socket.on("error", () => undefined),
        "connect",
      );
    }
    expect((await post(serving.url, "[{}]", { ca, agent: false } as object)).status).toBe(200);
    await came(serving, 6);
  });

  it("http_client trusts its authority, and shows its certificate", async () => {
    const own = authority(temporaryDir(), "own");
    const options = { ...shown(own.issue("server")), ca: readFileSync(own.ca), requestCert: true };
    const server = createServer(
      options,
      (_request, response) => void response.writeHead(200, { "Content-Type": "application/json" }).end('{"n":1}'),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const source = { type: "http_client", url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/` };
    const trusting = await runSource({ ...source, tls: { ca: own.ca, ...own.issue("weir") } });
    await came(trusting, 1);
    const wary = await runSource(source);
    await until(() => wary.log.some((line) => line.includes("certificate")));
  });
});
