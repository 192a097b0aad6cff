import fc from "fast-check";
import { expect, it } from "vitest";
import { addressOption } from "./options.ts";
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
