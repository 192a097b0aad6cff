import fc from "fast-check";
import { expect, it } from "vitest";
import { isScalar, parseDocument } from "yaml";
import { offsetInScalar } from "./scalar-offset.ts";

/** Every character of the value that is not a blank is found where it is written. */
const check = (text: string) => {
  const document = parseDocument(text);
  const scalar = document.getIn(["where"], true);
  if (!isScalar(scalar)) throw new Error(`no scalar in ${text}`);
  const value = String(scalar.value);
  for (let offset = 0; offset < value.length; offset++) {
    if (/\s/.test(value[offset]!)) continue;
    const at = offsetInScalar(text, scalar, offset);
    const written = text[at] === "\\" ? JSON.parse(`"${/^\\u....|^\\./.exec(text.slice(at))}"`) : text[at];
    expect({ offset, written }).toEqual({ offset, written: value[offset] });
  }
};

const words = fc.array(fc.constantFrom("a", "user.name", "(b", "c)", "x_1", "and", "it's", "é"), {
  minLength: 1,
  maxLength: 6,
});
const gaps = fc.constantFrom(" ", "\n    ", "  ", "\n\n    ");
const phrases = fc
  .array(fc.tuple(fc.constantFrom("a", "user.name", "(b", "c)", "x-1", "and", "or"), gaps), {
    minLength: 1,
    maxLength: 8,
  })
  .map((pairs) => pairs.flat().join("").trim());

it.each([
  ["plain", (phrase: string) => `where: ${phrase}\nnext: 1\n`],
  ["single quotes", (phrase: string) => `where: '${phrase.replaceAll("or", "''")}'\n`],
  ["double quotes", (phrase: string) => `where: "${phrase.replaceAll("or", '\\"').replaceAll("and", "\\u00e9")}"\n`],
  ["literal block", (phrase: string) => `where: |\n    ${phrase}\nnext: 1\n`],
  ["folded block", (phrase: string) => `where: >-\n    ${phrase}\nnext: 1\n`],
])("follows a scalar in %s", (_style, write) => {
  fc.assert(fc.property(phrases, (phrase) => check(write(phrase))));
});

it("follows what a writer of YAML makes of any words", () => {
  fc.assert(fc.property(words, (list) => check(`where: ${JSON.stringify(list.join(" "))}\n`)));
});

it("follows a literal block that is indented further in places", () => {
  check("where: |\n  a and\n    (b or\n      c)\n  d\n");
});

it("counts a character outside the basic plane as the two that it is", () => {
  const text = 'where: "\\U0001f512 x"\n';
  const scalar = parseDocument(text).getIn(["where"], true);
  if (!isScalar(scalar)) throw new Error("no scalar");
  expect(text[offsetInScalar(text, scalar, 3)]).toBe("x");
});
