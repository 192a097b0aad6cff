import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer as createPlainServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { authority, hasOpenssl } from "../../test/http/certificates.ts";
import type { ClientTls } from "../http/tls.ts";
import { HttpClient } from "./client.ts";

const never = new AbortController().signal;

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
};

const clientWith = (tls: ClientTls = {}): HttpClient => {
  const client = new HttpClient({ tls });
  onTestFinished(() => client.close());
  return client;
};

const get = (url: string) => ({ method: "GET", url, headers: {} });

describe.skipIf(!hasOpenssl)("https", () => {
  /** A server that says who came, for clients of its own authority only. */
  const secured = async () => {
    const folder = mkdtempSync(join(tmpdir(), "weir-client-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const ours = authority(folder, "ours");
    const [server, client] = [ours.issue("server"), ours.issue("collector")];
    const listener: RequestListener = ({ socket }, response) =>
      response.end(socket instanceof TLSSocket ? String(socket.getPeerCertificate().subject?.CN) : "");
    const port = await listening(
      createSecureServer(
        {
          cert: readFileSync(server.certificate),
          key: readFileSync(server.key),
          ca: readFileSync(ours.ca),
          requestCert: true,
        },
        listener,
      ),
    );
    return { ca: ours.ca, client, origin: `https://127.0.0.1:${port}` };
  };

  it("shows its certificate, and trusts the authority that it is given", async () => {
    const { ca, client, origin } = await secured();
    const { status, body } = await clientWith({ ca, ...client }).send(get(`${origin}/`), never);
    expect([status, body.toString()]).toEqual([200, "collector"]);
    await clientWith({ ca, ...client }).check(origin, never);
  });

  it("sends nothing to a server that it has no reason to trust", async () => {
    const { client, origin } = await secured();
    const sentence = `the certificate of ${origin} is not trusted; set "tls.ca" to the certificate authorities to trust`;
    await expect(clientWith(client).send(get(`${origin}/`), never)).rejects.toThrow(sentence);
    await expect(clientWith(client).check(origin, never)).rejects.toThrow(sentence);
    const within = new HttpClient({ at: "metadata." });
    onTestFinished(() => within.close());
    await expect(within.send(get(`${origin}/`), never)).rejects.toThrow('set "metadata.tls.ca"');
  });

  it("is turned away without a certificate, and may try again", async () => {
    const { ca, origin } = await secured();
    await expect(clientWith({ ca }).send(get(`${origin}/`), never)).rejects.toThrow(/^[^\n]*127\.0\.0\.1[^\n]*$/);
  });
});

it("says which of http:// and https:// is meant", async () => {
  const plain = await listening(createServer((_request, response) => void response.end()));
  const noTls = new Error(`https://127.0.0.1:${plain} does not speak TLS; did you mean http://?`);
  await expect(clientWith().send(get(`https://127.0.0.1:${plain}/`), never)).rejects.toThrow(noTls);
  await expect(clientWith().check(`https://127.0.0.1:${plain}`, never)).rejects.toThrow(noTls);
  const alert = Buffer.from("15030300020228", "hex");
  const secure = await listening(createPlainServer((socket) => void socket.on("error", () => {}).end(alert)));
  await expect(clientWith().send(get(`http://127.0.0.1:${secure}/`), never)).rejects.toThrow(
    new Error(`http://127.0.0.1:${secure} speaks TLS; did you mean https://?`),
  );
});

it("names the file that cannot be read", () => {
  expect(() => new HttpClient({ tls: { ca: "/nowhere/ca.pem" } })).toThrow(
    'cannot read "/nowhere/ca.pem", the file of "tls.ca"',
  );
});

it("keeps the first MiB of a longer answer", async () => {
  const port = await listening(
    createServer((_request, response) => void response.end(Buffer.alloc(3 * 1024 * 1024, "x"))),
  );
  const { body, isCut } = await clientWith().send(get(`http://127.0.0.1:${port}/`), never);
  expect([body.length, isCut]).toEqual([1024 * 1024, true]);
});

it("gives an answer that comes before the request is whole, and goes on with another connection", async () => {
  const server = createServer((request, response) => {
    if (request.method === "POST") response.writeHead(413).end("too long");
    else response.end("fine");
  });
  const url = `http://127.0.0.1:${await listening(server)}/`;
  const client = clientWith();
  const body = Buffer.alloc(32 * 1024 * 1024);
  expect(await client.send({ method: "POST", url, headers: {}, body }, never)).toMatchObject({ status: 413 });
  expect((await client.send(get(url), never)).body.toString()).toBe("fine");
});

it("ends a check when its signal aborts", async () => {
  const stop = new AbortController();
  stop.abort();
  await expect(clientWith().check("http://127.0.0.1:9/", stop.signal)).rejects.toThrow(
    "http://127.0.0.1:9 sent no complete response in time",
  );
});
