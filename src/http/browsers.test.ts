import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { type BrowserRules, browserGuard, browserRules } from "./browsers.ts";
import { Refusal } from "./problem.ts";

const answers = (rules: Partial<BrowserRules>, headers: IncomingHttpHeaders, method = "POST"): string => {
  try {
    browserGuard({ origins: [], hosts: [], anyHost: false, ...rules })({ method, headers } as IncomingMessage);
    return "taken";
  } catch (error) {
    expect((error as Refusal).status).toBe(403);
    return error instanceof Refusal ? "refused" : "";
  }
};

describe("the name in the Host header", () => {
  it.each([
    ["127.0.0.1:8080", "taken"],
    ["10.0.0.7", "taken"],
    ["[::1]:8080", "taken"],
    ["localhost", "taken"],
    ["LocalHost.:8080", "taken"],
    ["weir.localhost:80", "taken"],
    [undefined, "taken"],
    ["evil.example", "refused"],
    ["localhost.evil.example", "refused"],
    ["weir", "taken"],
    ["weir:8080", "taken"],
    ["evil.example:8080", "refused"],
    ["evil.example:x", "refused"],
    ["127.0.0.1.evil.example", "refused"],
    ["[::1].evil.example", "refused"],
  ])("%s on a loopback address: %s", (host, wanted) => expect(answers({}, { host })).toBe(wanted));

  it.each([
    [{ hosts: ["weir.example"] }, "Weir.example:8080", "taken"],
    [{ hosts: ["weir.example"] }, "other.example", "refused"],
    [{ hosts: ["*"] }, "other.example", "taken"],
    [{ anyHost: true }, "weir.orchard.svc:8765", "taken"],
    [{ anyHost: true, hosts: ["weir.example"] }, "other.example", "refused"],
    [{ anyHost: true, hosts: ["weir.example"] }, "10.0.0.7:8080", "taken"],
  ] as const)("with %j, %s is %s", (rules, host, wanted) => expect(answers(rules, { host })).toBe(wanted));
});

describe("the origin", () => {
  const host = "127.0.0.1:8080";
  it.each([
    [{ host }, "POST", "taken"],
    [{ host, origin: "https://evil.example" }, "POST", "refused"],
    [{ host, origin: "https://evil.example" }, "GET", "refused"],
    [{ host, origin: "null" }, "POST", "refused"],
    [{ host, origin: `http://${host}` }, "POST", "refused"],
    [{ host, origin: "https://Console.example" }, "POST", "taken"],
    [{ host, "sec-fetch-site": "cross-site" }, "POST", "refused"],
    [{ host, "sec-fetch-site": "same-site" }, "PUT", "refused"],
    [{ host, "sec-fetch-site": "none" }, "POST", "taken"],
    [{ host, "sec-fetch-site": "cross-site" }, "GET", "taken"],
  ])("%j with %s is %s", (headers, method, wanted) =>
    expect(answers({ origins: ["https://console.example"] }, headers, method)).toBe(wanted),
  );

  it("is any with *", () => expect(answers({ origins: ["*"] }, { host, origin: "null" })).toBe("taken"));
});

it("any name will do where a page of that name could do nothing, or names cannot be known", () => {
  const [origins, hosts, none] = [[], [], { tokens: [], users: [] }];
  const anyHost = (more: object) =>
    browserRules({ origins, hosts, listen: "127.0.0.1:8080", auth: none, ...more }).anyHost;
  expect([{}, { listen: "[::1]:1" }, { listen: "localhost:1" }].map(anyHost)).toEqual([false, false, false]);
  const safe = [{ listen: "0.0.0.0:1" }, { tls: {} }, { auth: { ...none, tokens: ["open-sesame"] } }];
  expect(safe.map(anyHost)).toEqual([true, true, true]);
});
