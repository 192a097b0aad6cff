import fc from "fast-check";
import { expect, it } from "vitest";
import { TemplateError } from "../template/template.ts";
import { UrlTemplate } from "./url-template.ts";

const template = new UrlTemplate("https://collector.example:8443/base/{{ a }}/x-{{ b }}?q={{ c:-none }}&r=1");

it("keeps every value in its place, whatever it holds", () => {
  const value = fc.oneof(
    fc.string({ unit: "binary", minLength: 1 }),
    fc.string({ unit: fc.constantFrom(".", "/", "%", "2", "e", "\\", "?", "#", "@", ":", "&"), minLength: 1 }),
  );
  fc.assert(
    fc.property(value, value, value, (a, b, c) => {
      let text: string;
      try {
        text = template.render({ a, b, c });
      } catch (error) {
        expect(error).toBeInstanceOf(TemplateError);
        expect(["", ".", ".."]).toContain(a);
        return;
      }
      const url = new URL(text);
      expect(url.origin).toBe("https://collector.example:8443");
      expect(url.pathname.split("/").map(decodeURIComponent)).toEqual([
        "",
        "base",
        a.toWellFormed(),
        `x-${b.toWellFormed()}`,
      ]);
      expect([...url.searchParams]).toEqual([
        ["q", c.toWellFormed()],
        ["r", "1"],
      ]);
    }),
    { numRuns: 500 },
  );
});

it("refuses what would leave its place", () => {
  expect(() => new UrlTemplate("http://h/{{ a }}").render({ a: ".." })).toThrow('a value of "." or ".."');
  expect(() => new UrlTemplate("http://h/.{{ a }}/b").render({ a: "." })).toThrow(TemplateError);
  expect(() => new UrlTemplate("http://h/%2e{{ a }}/b").render({ a: "." })).toThrow(TemplateError);
  expect(new UrlTemplate("http://h/?q={{ a }}").render({ a: "/../" })).toBe("http://h/?q=%2F..%2F");
});

it.each([
  "http://127.0.0.1:9/",
  "https://[::1]:65535",
  "http://collector",
  "https://a.example/p?q={{ x }}",
  "http://a.example?{{ x:-y }}",
])("takes %s", (text) => expect(new URL(new UrlTemplate(text).origin).origin).toBe(new UrlTemplate(text).origin));

it.each([
  "ftp://a.example/",
  "//a.example/",
  "http://{{ host }}/",
  "http://a{{ x }}.example/",
  "http://a.example:{{ port }}/",
  "http://a.example:65536/",
  "http://user:word@a.example/",
  "http://a.example\\@b.example/",
  "http://a.example/\\..\\b",
  "http://a.example/#{{ x }}",
  "http://a.example/a b",
  "http://a.example/a\nb",
  "http://a.example/{{ x y }}",
  "http://a.example/{{ x",
])("refuses %j", (text) => expect(() => new UrlTemplate(text)).toThrow(SyntaxError));
