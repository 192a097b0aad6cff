import { validateHeaderValue } from "node:http";
import fc from "fast-check";
import { expect, it } from "vitest";
import { HeaderTemplates, headerValuePattern } from "./header-templates.ts";

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

it("takes printable values only", () => {
  for (const value of ["", "plain", "{{ a }}-{{ b:-c }}", "{}"]) expect(takesValue(value), value).toBe(true);
  for (const value of ["a\nb", "a\rb", "ü", "\0", "{{ a"]) expect(takesValue(value), value).toBe(false);
});
