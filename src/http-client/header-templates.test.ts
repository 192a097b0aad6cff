import { validateHeaderName, validateHeaderValue } from "node:http";
import fc from "fast-check";
import { expect, it } from "vitest";
import { HeaderTemplates, headerNamePattern, headerValuePattern } from "./header-templates.ts";

const takesName = (name: string) => new RegExp(headerNamePattern, "u").test(name);
const takesValue = (value: string) => new RegExp(headerValuePattern, "u").test(value);

it("lets no event end a header or write another one", () => {
  const headers = new HeaderTemplates({ "X-Team": "of {{ team }}" });
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (team) => {
      const { "x-team": value = "" } = headers.render({ team });
      expect(value).toMatch(/^of [ -~]+$/);
      validateHeaderValue("x-team", value);
      if (/^[ -~]*$/.test(team)) expect(value).toBe(`of ${team}`);
    }),
  );
  expect(headers.render({ team: "a\r\nX-Evil: ü" })).toEqual({ "x-team": "of a%0D%0AX-Evil: %C3%BC" });
});

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

it("takes printable values only", () => {
  for (const value of ["", "plain", "{{ a }}-{{ b:-c }}", "{}"]) expect(takesValue(value), value).toBe(true);
  for (const value of ["a\nb", "a\rb", "ü", "\0", "{{ a"]) expect(takesValue(value), value).toBe(false);
});
