import { expect, it } from "vitest";
import { cursorReader } from "./cursor.ts";

it.each([
  ['{"sequence": 7, "text": "a"}', "7"],
  ['{"sequence": "a\\"b"}', '"a\\"b"'],
  ['[{"sequence": 1}, {"sequence": 2}, {"text": "none"}]', "2"],
  ['{"items": [{"sequence": 1}, {"sequence": 2}]}', "2"],
  ['{"sequence": 9, "items": [{"sequence": 1}]}', "9"],
  ['{"sequence": 1}\n{"sequence": 2}\n', "2"],
  ['{"sequence": 1}\n{"sequ', "1"],
  ['{"sequence": 9007199254740993}', "9007199254740993"],
  ['{"sequence": 12345678901234567890}', "12345678901234567890"],
  ['{"sequence": 1.5}', "1.5"],
  ['{"text": "none"}', undefined],
  ['{"sequence": null}', undefined],
  ["not JSON", undefined],
  ["", undefined],
])("of %s is %s", (message, cursor) => expect(cursorReader("sequence")(message)).toBe(cursor));

it("is found by a path", () => expect(cursorReader("meta.sequence")('{"meta": {"sequence": 3}}')).toBe("3"));
