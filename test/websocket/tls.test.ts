import { describe, expect, it } from "vitest";
import { delivery } from "weir/testing";
import { authority, hasOpenssl, shown } from "../http/certificates.ts";
import { temporaryDir } from "../runtime/harness.ts";
import { pushing, showing } from "./at-work.ts";
import { connected, listening, until } from "./support.ts";

if (!hasOpenssl) console.log("skipped: WebSocket over TLS, as openssl is not installed");

/** Of what went wrong with a certificate, what is to be done about it. */
const wary =
  /^cannot connect: the certificate of wss:\S+ is not trusted; set "tls.ca" to the certificate authorities to trust \(/;

describe.runIf(hasOpenssl)("over TLS", () => {
  it("from weir to weir, each shows a certificate of an authority that the other trusts", async () => {
    const folder = temporaryDir();
    const [own, foreign] = [authority(folder, "own"), authority(folder, "foreign")];
    const tls = { ...own.issue("weir"), client_ca: own.ca, client_names: ["edge-7"] };
    const source = { type: "websocket_server", listen: "127.0.0.1:0", acknowledge: true };
    const { readings, address } = await listening({ ...source, tls });
    const url = await address();
    expect(url).toMatch(/^wss:/);
    const push = async (tls: Readonly<Record<string, string>>) => {
      const { write } = await pushing(url, { acknowledge: true, tls });
      return write([delivery({ n: 1 })]).catch(({ message }) => message);
    };
    expect(await push({ ca: own.ca, ...own.issue("edge-7") })).toEqual({ failed: [] });
    expect(readings.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['[{"n":1}]']);
    expect(await push({ ca: own.ca })).toContain(
      `${url} answered 401 Unauthorized: {"title":"Unauthorized","status":401,"detail":"The request has no valid client certificate`,
    );
    expect(await push({ ca: own.ca, ...foreign.issue("edge-7") })).toContain("answered 401");
    expect(await push({ ca: own.ca, ...own.issue("edge-8") })).toMatch(/answered 403 Forbidden: .*\(edge-8\)/);
    expect(await push({ ca: foreign.ca, ...own.issue("edge-7") })).toMatch(wary);
    expect(await push(own.issue("edge-7"))).toMatch(wary);
    expect(await push({ ca: `${folder}/none.pem` })).toContain('none.pem", the file of "tls.ca"');
    expect(readings).toHaveLength(1);
  });

  it("a subscriber in weir reads what weir shows, if it trusts it", async () => {
    const own = authority(temporaryDir(), "own");
    const tls = { ...own.issue("weir"), client_ca: own.ca };
    const { write, address: url } = await showing({ tls });
    const feed = { type: "websocket_client", url, backoff: { initial: "1ms", max: "5ms" } };

    const trusting = await listening({ ...feed, tls: { ca: own.ca, ...own.issue("reader") } });
    await trusting.log.said("connected");
    // A client that is not weir.
    const other = await connected(url, { ca: [], ...shown(own.issue("other")), rejectUnauthorized: false });
    const shownThere: string[] = [];
    other.on("message", (message) => shownThere.push(String(message)));
    await write([delivery({ n: 1 })]);
    await until(() => trusting.readings.length === 1 && shownThere.length === 1);
    expect(Buffer.from(trusting.readings[0]!.bytes).toString()).toBe('{"n":1}');

    const doubting = await listening(feed);
    await until(() => doubting.log.lines.some(({ message }) => wary.test(message)));
  });
});
