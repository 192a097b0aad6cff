import { expect, it } from "vitest";
import { post, sendRaw } from "../http/client.ts";
import { came, serve } from "../http/pipeline.ts";

const basic = (text: string): string => `Basic ${Buffer.from(text, "latin1").toString("base64")}`;

const wrong: readonly string[] = [
  "",
  " ",
  "Bearer",
  "Bearer ",
  "bearerblossom",
  "Bearer blossom bough",
  "Bearer blossom,bough",
  "Bearer blossom, Bearer blossom",
  "Bearer Blossom",
  "Bearer bloss",
  "Bearer blossomx",
  "Bearer blossom\u00a0",
  "Bearer undefined",
  "Bearer __proto__",
  "Bearer 0",
  `Bearer ${"b".repeat(10_000)}`,
  "Token blossom",
  "Basic",
  "Basic !!!!",
  `Basic ${Buffer.from("ada").toString("base64")}`,
  basic("ada:"),
  basic(":p:w"),
  basic("ada:p:w\0"),
  basic("ADA:p:w"),
  basic("ada:p"),
  basic("__proto__:p:w"),
  basic("constructor:undefined"),
  basic("blossom:"),
  `Digest username="ada"`,
];

const request = (...headers: readonly string[]): string =>
  `POST / HTTP/1.1\r\nHost: orchard\r\nConnection: close\r\nContent-Length: 16\r\n${headers.map((one) => `${one}\r\n`).join("")}\r\n[{"stolen":true}]`;

it("no variant of wrong credentials is let in, and the right ones are", async () => {
  const auth = { tokens: ["blossom", "bough"], users: [{ name: "ada", password: "p:w" }] };
  const serving = await serve({ auth });
  const let_in: string[] = [];
  for (const authorization of wrong) {
    const answer = await sendRaw(serving.url, Buffer.from(request(`Authorization: ${authorization}`), "latin1"));
    if (!/^HTTP\/1\.1 401/.test(answer)) let_in.push(`${authorization.slice(0, 40)}: ${answer.slice(0, 15)}`);
    // What was wrong is not repeated to whoever asks.
    expect(answer).not.toContain("blossom");
  }
  expect(let_in).toEqual([]);
  // Of two headers, the first one counts.
  const two = request("Authorization: Bearer wrong", "Authorization: Bearer blossom");
  expect(await sendRaw(serving.url, two)).toMatch(/^HTTP\/1\.1 40[01]/);
  for (const elsewhere of [
    "X-Authorization: Bearer blossom",
    "Proxy-Authorization: Bearer blossom",
    "Cookie: token=blossom",
  ])
    expect(await sendRaw(serving.url, request(elsewhere))).toMatch(/^HTTP\/1\.1 401/);
  expect((await post(`${serving.url}/?token=blossom`, "[{}]")).status).toBe(401);

  for (const right of ["Bearer blossom", "BEARER bough", "Bearer  blossom", basic("ada:p:w")])
    expect((await post(serving.url, "[{}]", { headers: { Authorization: right } })).status).toBe(200);
  await came(serving, 4);
  expect(serving.kept.map(({ data }) => data)).toEqual([{}, {}, {}, {}]);
  expect(serving.log.join("\n")).not.toMatch(/blossom|bough|p:w/);
});
