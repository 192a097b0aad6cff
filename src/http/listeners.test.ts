import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer, get } from "node:http";
import { get as getSecurely } from "node:https";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { expect, it, onTestFinished } from "vitest";
import { authority, hasOpenssl } from "../../test/http/certificates.ts";
import { keepListeners, listenAhead } from "./listeners.ts";
import { type RunningServer, startServer } from "./server.ts";

const settings = { timeout: 5_000, idle_timeout: 5_000, max_connections: 10 };

const freeAddress = async (): Promise<string> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, "close");
  return `127.0.0.1:${port}`;
};

const start = async (listen: string, name: string): Promise<RunningServer> => {
  const server = await startServer({ ...settings, listen }, (_request, response) => void response.end(name));
  onTestFinished(() => server.close());
  return server;
};

const ask = (address: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get(`http://${address}/`, { agent: false }, async (response) => {
      resolve((await response.setEncoding("utf8").toArray()).join(""));
    }).on("error", reject);
  });

it("a connection between two servers of an address waits for the second", async () => {
  const address = await freeAddress();
  const first = await start(address, "first");
  expect(await ask(address)).toBe("first");
  const release = keepListeners();
  await first.close();
  const waiting = [ask(address), ask(address)];
  await new Promise((resolve) => setTimeout(resolve, 50));
  await start(address, "second");
  release();
  expect(await Promise.all(waiting)).toEqual(["second", "second"]);
  expect(await ask(address)).toBe("second");
});

it("the next server takes over while the first one still answers", async () => {
  const address = await freeAddress();
  let answer: (() => void) | undefined;
  const first = await startServer({ ...settings, listen: address }, (_request, response) => {
    answer = () => void response.end("first");
  });
  const slow = ask(address);
  while (!answer) await new Promise((resolve) => setTimeout(resolve, 5));
  const release = keepListeners();
  first.stop();
  await start(address, "second");
  expect(await ask(address)).toBe("second");
  answer();
  expect(await slow).toBe("first");
  await first.close();
  release();
  expect(await ask(address)).toBe("second");
});

it("what no server takes over is closed, with the connections that waited", async () => {
  const address = await freeAddress();
  const first = await start(address, "first");
  const release = keepListeners();
  await first.close();
  const waiting = ask(address);
  const ended = expect(waiting).rejects.toThrow(/socket hang up|ECONNRESET/);
  await new Promise((resolve) => setTimeout(resolve, 50));
  release();
  await ended;
  await expect(ask(address)).rejects.toThrow("ECONNREFUSED");
});

it("listens ahead, or says why it cannot; another address of the same port is free when the first has ended", async () => {
  const address = await freeAddress();
  const other = createHttpServer().listen(0, "127.0.0.1");
  onTestFinished(() => void other.close());
  await once(other, "listening");
  const { port } = other.address() as { readonly port: number };
  const release = keepListeners();
  await expect(listenAhead(`127.0.0.1:${port}`)).rejects.toThrow(
    `cannot listen on "127.0.0.1:${port}": another process is listening there`,
  );
  await listenAhead(address);
  const early = ask(address);
  const first = await start(address, "first");
  expect(await early).toBe("first");
  const all = address.replace("127.0.0.1", "0.0.0.0");
  await listenAhead(all);
  await first.close();
  const second = await start(all, "second");
  release();
  expect(await ask(address)).toBe("second");
  await second.close();
  const socket = connect(Number(address.split(":")[1]), "127.0.0.1");
  const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNREFUSED");
});

it.runIf(hasOpenssl)("a connection with TLS waits for the next server too, and gets its certificate", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weir-listeners-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const own = authority(folder, "own");
  const address = await freeAddress();
  const serve = (name: string) =>
    startServer(
      { ...settings, listen: address, tls: own.issue(name) },
      (_request, response) => void response.end(name),
    );
  const askSecurely = (): Promise<string> =>
    new Promise((resolve, reject) => {
      getSecurely(`https://${address}/`, { agent: false, rejectUnauthorized: false }, async (response) => {
        const { CN } = (response.socket as TLSSocket).getPeerCertificate().subject;
        resolve(`${CN} ${(await response.setEncoding("utf8").toArray()).join("")}`);
      }).on("error", reject);
    });
  const first = await serve("first");
  expect(await askSecurely()).toBe("first first");
  const release = keepListeners();
  await first.close();
  const waiting = [askSecurely(), askSecurely()];
  await new Promise((resolve) => setTimeout(resolve, 50));
  const second = await serve("second");
  onTestFinished(() => second.close());
  release();
  expect(await Promise.all(waiting)).toEqual(["second second", "second second"]);
});
