import { expect, it } from "vitest";
import { valkeyWords } from "../valkey/words.ts";
import { valkeyConfig } from "./options.ts";

const state = { type: "valkey", max_size: 1, tls: {}, prefix: "weir:", disorder: 0 } as const;
const url = "rediss://valkey.example.org";

it("is none on disk, and has what the connection needs in Valkey", () => {
  expect(valkeyConfig({ ...state, type: "disk" })).toBeUndefined();
  expect(valkeyConfig({ ...state, url, password: "x" })).toEqual({
    url,
    password: "x",
    tls: {},
    prefix: "weir:",
    disorder: 0,
  });
});

it.each([
  [{}, 'a state of type "valkey" needs "url"'],
  [{ type: "disk", url }, '"url" has no effect on a state on disk'],
  [{ type: "disk", tls: { ca: "ca.pem" } }, '"tls" has no effect on a state on disk'],
  [{ url: "redis://localhost", tls: { ca: "ca.pem" } }, '"tls" has no effect on a URL that begins with "redis://"'],
] as const)("refuses what does not fit together: %j", (more, message) => {
  expect(() => valkeyConfig({ ...state, ...more })).toThrow(message);
});

it("says in words what the server or the network refuses", () => {
  expect(valkeyWords(new Error("WRONGPASS invalid username-password pair or user is disabled."))).toContain(
    "(WRONGPASS)",
  );
  expect(valkeyWords(new Error("ERR something else."))).toBe("ERR something else");
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  expect(valkeyWords(new AggregateError([refused, refused]))).toBe("nothing is listening there (ECONNREFUSED)");
});
