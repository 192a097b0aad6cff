import fc from "fast-check";
import { expect, it } from "vitest";
import { RecordMeta } from "../event.ts";
import { Template, TemplateError } from "./template.ts";

const asIs = (value: string) => value;
const render = (text: string, data: Record<string, unknown>) => new Template(text).render(data, asIs);

it("puts values where their fields are named, and what stands for them where there are none", () => {
  const data = { labels: { team: "blue" }, "event.code": 7, nothing: null, empty: "", tags: ["one"] };
  expect(render("a/{{ labels.team }}/{{event.code}}.{{ tags }}", data)).toBe("a/blue/7.one");
  expect(render("{{ nothing:-none }}{{ empty:-no: one, here }}{{ absent:- }}|", data)).toBe("noneno: one, here|");
  expect(render("{ } a}b {c", data)).toBe("{ } a}b {c");
});

it("takes no event without a value, or with several", () => {
  expect(() => render("{{ a.b }}", { a: {} })).toThrow('"a.b" has no value; {{ a.b:-otherwise }} sets a default');
  expect(() => render("{{ a }}", { a: [1, 2] })).toThrow(TemplateError);
});

it("reads what weir knows about the event, if it is given", () => {
  const meta = new RecordMeta("in", "s", 7, 0, undefined, undefined, { log: { file: { path: "/a.log" } } });
  const text = (template: string) => new Template(template).render({ _meta: { source: "forged" } }, asIs, meta);
  expect(text("{{ _meta.source }}/{{ _meta.log.file.path }}/{{ _meta.id }}")).toBe("in//a.log/in/s@7");
  expect(text("{{ _meta.ingested }}")).toBe("1970-01-01T00:00:00.000Z");
  expect(() => text("{{ _meta.host }}")).toThrow(TemplateError);
});

it("says what a placeholder is like", () => {
  for (const text of ["{{ }}", "{{ a b }}", "{{ a", "a }}", "{{ a:b }}", "{{{ a }}}"])
    expect(() => new Template(text), text).toThrow(/has a malformed placeholder/);
});

it("leaves the text around placeholders as it is", () => {
  const piece = fc.string({ unit: fc.constantFrom("a", "/", " ", "$", ".", ":", "-") });
  fc.assert(
    fc.property(fc.array(fc.tuple(piece, piece)), (pairs) => {
      const text = pairs.map(([before, otherwise]) => `${before}{{ x:-${otherwise} }}`).join("");
      expect(render(text, {})).toBe(pairs.map(([before, otherwise]) => before + otherwise.trimEnd()).join(""));
      const fixed = pairs.map(([before]) => before).join("");
      expect(new Template(fixed).fixed).toBe(fixed);
    }),
  );
});

it("a long placeholder that is not closed is refused at once", () => {
  expect(() => new Template(`{{ a:-${" ".repeat(200_000)}`)).toThrow(SyntaxError);
  expect(() => new Template("{{ a:-".repeat(50_000))).toThrow(SyntaxError);
});
