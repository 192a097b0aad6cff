import fc from "fast-check";
import { expect } from "vitest";
import { Decoder } from "../../decode/decoder.ts";
import type { Event } from "../../event.ts";

/** The event of a record with this text, of which everything is read, or only parts. */
export const read = (text: string, dataRead: "all" | "parts"): Event => {
  const events: Event[] = [];
  const decoder = new Decoder("in", "s", { codec: "json", framing: "whole", maxLine: 1 << 20, dataRead });
  const handlers = { event: (event: Event) => void events.push(event), failure: () => expect.unreachable() };
  decoder.push(Buffer.from(text), 0, 1, handlers);
  decoder.end(1, handlers);
  return events[0]!;
};

const name = fc.oneof(
  fc.constantFrom("a", "b", "c", "a.b", "b.c", "a.b.c", "0", "1", "", "é", "a b", "__proto__", 'x"y', "log", "log.a"),
  // JSON.parse of Node 24.21 takes the name `\"` for the name `\` once it has seen an object with that one.
  fc.string({ maxLength: 3 }).filter((name) => !name.includes("\\")),
);
export const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("text", "", "é 😀", "line\nend", 'quo"te', 1, 0, 1.5, true, null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.array(fc.tuple(name, tie("value")), { maxLength: 4 }).map(Object.fromEntries),
  ),
}));
/** The text of a record: with names that repeat or are escaped, numbers as nobody else writes them, and white space. */
const member = fc
  .tuple(
    name,
    fc.oneof(
      value.map((json) => JSON.stringify(json)),
      fc.constantFrom("1.0", "12345678901234567890", "1e2", '"\\u0061"'),
    ),
  )
  .chain(([name, json]) =>
    fc.constantFrom(`${JSON.stringify(name)}:${json}`, `${JSON.stringify(name)} : ${json} `, `"\\u0061":${json}`),
  );
export const record = fc
  .tuple(fc.array(member, { maxLength: 6 }), fc.constantFrom(",", ", ", ",\n  "), fc.constantFrom("", " ", "\r\n"))
  .map(([members, comma, gap]) => `${gap}{${gap}${members.join(comma)}${gap}}${gap}`);
