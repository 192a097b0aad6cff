import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import type { Plugin } from "weir";
import { delivery, flaws, openSink } from "weir/testing";
import { receiver } from "../../test/http/receiver.ts";
import sink from "./webhook.ts";

it("is well formed", () => expect(flaws(sink as Plugin)).toEqual([]));

/** Sends two events, the first of them twice, and gives what arrived. */
const sendWith = async (secret: string) => {
  const { origin, taken } = await receiver();
  const writer = await openSink(sink, { config: { url: `${origin}/hook`, secret, headers: {}, tls: {} } });
  const events = [delivery({ name: "Zoë" }, "s/a@0"), delivery({ n: 2 }, "s/a@9")];
  expect(await writer.write(events)).toBeUndefined();
  expect(await writer.write(events.slice(0, 1))).toBeUndefined();
  await writer.close();
  return taken.map(({ headers, body }) => ({ headers, body: body.toString() }));
};

it.each([
  ["whsec_c2VjcmV0IGJ5dGVz/w==", Buffer.from("c2VjcmV0IGJ5dGVz/w==", "base64")],
  ["just words", Buffer.from("just words")],
])("signs each event, by the key %s", async (secret, key) => {
  const taken = await sendWith(secret);
  expect(taken.map(({ body }) => body)).toEqual(['{"name":"Zoë"}', '{"n":2}', '{"name":"Zoë"}']);
  for (const { headers, body } of taken) {
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
    expect(headers["webhook-timestamp"]).toMatch(/^\d{10}$/);
    expect(headers["content-type"]).toBe("application/json");
  }
  const ids = taken.map(({ headers }) => headers["webhook-id"]);
  expect(ids[2]).toBe(ids[0]);
  expect(ids[1]).not.toBe(ids[0]);
});

it("takes a key in base64, or one that does not say that it is", () => {
  const { pattern } = sink.options.secret as unknown as { readonly pattern: string };
  const takes = (secret: string) => new RegExp(pattern, "u").test(secret);
  for (const secret of ["whsec_YQ==", "whsec_YQ", "whsec_YWE=", "whsec_YWFh", "plain", "WHSEC_", "a b", "ü"])
    expect(takes(secret), secret).toBe(true);
  for (const secret of ["whsec_", "whsec_a", "whsec_YW-h", "whsec_YQ=", "whsec_YWFh\n"])
    expect(takes(secret), secret).toBe(false);
});
