import { validateHeaderName, validateHeaderValue } from "node:http";
import fc from "fast-check";
import { expect, it } from "vitest";
import { addressOption, headerNamePattern, requestHeadersOption } from "./options.ts";
import { routesOption } from "./routes.ts";

const patternOf = (schema: object) => new RegExp((schema as { readonly pattern: string }).pattern);
const address = patternOf(addressOption("Where to listen."));

it("an address has a port that there is", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("127.0.0.1", "[::1]", "edge.example.org"),
      fc.integer({ min: 0, max: 99_999 }),
      (host, port) => {
        expect(address.test(`${host}:${port}`)).toBe(port <= 65_535);
      },
    ),
  );
  for (const text of ["127.0.0.1", ":8080", "::1:8080", "127.0.0.1:", "127.0.0.1:80x"])
    expect(address.test(text)).toBe(false);
});

it("a route is a path that a request can have", () => {
  const { items } = routesOption as unknown as { readonly items: { readonly properties: { readonly path: object } } };
  const path = patternOf(items.properties.path);
  for (const text of ["/", "/audit", "/logs/*", "*"]) expect(path.test(text)).toBe(true);
  for (const text of ["audit", "/audit?a=b", "/a b", ""]) expect(path.test(text)).toBe(false);
});

const takesName = (name: string) => new RegExp(headerNamePattern, "u").test(name);

it("takes the names that HTTP takes, but for those that follow from the request", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.oneof(fc.constantFrom("a", "-", "9"), fc.string({ maxLength: 1 })) }), (name) => {
      const isName = () => validateHeaderName(name);
      if (takesName(name)) isName();
      else expect(isName).toThrow();
    }),
  );
  for (const name of ["Host", "content-LENGTH", "Transfer-Encoding", "Connection", "Content-Encoding"])
    expect(takesName(name), name).toBe(false);
  for (const name of ["Hostess", "X-Host", "Content-Type", "Authorization"]) expect(takesName(name), name).toBe(true);
});

it("a header holds what HTTP can send", () => {
  const { additionalProperties } = requestHeadersOption("More headers.") as { readonly additionalProperties?: object };
  const value = patternOf(additionalProperties!);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      if (value.test(text)) validateHeaderValue("x-team", text);
    }),
  );
  for (const text of ["press", "a b", "{{ kept }}"]) expect(value.test(text), text).toBe(true);
  for (const text of ["", "a\nb", "ü"]) expect(value.test(text), text).toBe(false);
});
