import { expect, it } from "vitest";
import { post, sendRaw } from "../http/client.ts";
import { came, serve } from "../http/pipeline.ts";
import { unbalancedComponents } from "../runtime/harness.ts";
import { shapes } from "./attacks/shapes.ts";

/** The first status of what is not simply 400; of a connection that ends without an answer, none. */
const others: Readonly<Record<string, RegExp>> = {
  "a length of 2^63": /^413$/,
  "a path of 100,000 letters": /^431$/,
  "an expectation of its own": /^417$/,
  "a tunnel": /^(none|400|403|405)$/,
  // One request, however it is read; a server may refuse it, or take its empty body.
  "two hosts": /^(200|400)$/,
  "HTTP/0.9": /^(200|400)$/,
  "a proxy's request": /^(200|400|403|421)$/,
  "an upgrade to HTTP/2": /^(200|400)$/,
};

it("of malformed requests and those that smuggle another, nothing is taken, and others are served", async () => {
  const serving = await serve({ timeout: "300ms", idle_timeout: "300ms" });
  const wrong: string[] = [];
  const send = async ([name, bytes]: readonly [string, string]) => {
    const answer = await sendRaw(serving.url, Buffer.from(bytes, "latin1"));
    const status = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? "none";
    if (!(others[name] ?? /^400$/).test(status)) wrong.push(`${name}: ${status}`);
  };
  await Promise.all(Object.entries(shapes).map(send));
  expect(wrong).toEqual([]);
  expect((await post(serving.url, '[{"honest":true}]')).status).toBe(200);
  await came(serving, 1);
  expect(serving.kept.map(({ data }) => data)).toEqual([{ honest: true }]);
  expect(unbalancedComponents(serving.runtime.stats())).toEqual({});
});

it("thousands of requests that are sent at once on one connection are answered in their order", async () => {
  const count = process.env["WEIR_LONG"] ? 70_000 : 2_000;
  const serving = await serve();
  const request = "GET /healthz HTTP/1.1\r\nHost: orchard\r\n\r\n";
  const last = request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
  const answers = await sendRaw(serving.url, request.repeat(count - 1) + last);
  expect(answers.match(/HTTP\/1\.1 200/g)).toHaveLength(count);
});
