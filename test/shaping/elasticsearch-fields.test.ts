import { describe, expect, it } from "vitest";
import { ExactNumber } from "weir/fields";
import { check } from "./cases.ts";
import { reshape, type Written } from "./support.ts";

check("convert", [
  [{ a: "integer" }, { a: "010" }, { a: 10 }],
  [{ a: "integer" }, { a: "-0x1f" }, { a: -31 }],
  [{ a: "integer" }, { a: "0xnotanumber" }, "which is not an integer"],
  [{ a: "integer" }, { a: "2147483648" }, "which is not an integer"],
  [{ a: "long" }, { a: "9223372036854775807" }, { a: new ExactNumber("9223372036854775807") }],
  [{ a: "long" }, { a: "9223372036854775808" }, "which is not a long"],
  [{ a: "integer" }, { a: ["1", 2, "x"] }, 'contains "x"'],
  [{ a: "double" }, { a: "1.5e3" }, { a: 1500 }],
  [{ a: "boolean" }, { a: ["TRUE", "false"] }, { a: [true, false] }],
  [{ a: "boolean" }, { a: "yes" }, "which is not a boolean"],
  [
    { a: "string" },
    { a: [1, 1.5, true, new ExactNumber("12345678901234567890")] },
    { a: ["1", "1.5", "true", "12345678901234567890"] },
  ],
  [{ a: "ip" }, { a: "::ffff:1.2.3.4" }, { a: "::ffff:1.2.3.4" }],
  [{ a: "ip" }, { a: "1.2.3" }, "which is not an ip"],
  [
    { a: "auto", b: "auto", c: "auto", d: "auto", e: "auto" },
    { a: "true", b: "12", c: "1.5", d: "x", e: { f: 1 } },
    { a: true, b: 12, c: 1.5, d: "x", e: { f: 1 } },
  ],
  [{ a: "integer" }, {}, 'the event has no field "a"'],
  [{ a: "integer" }, { a: null }, 'the event has no field "a"'],
]);

check("gsub", [
  [{ field: "a", pattern: "\\.", replacement: "-" }, { a: "1.2.3" }, { a: "1-2-3" }],
  [
    { field: "a", pattern: "\\.", replacement: "-", target: "b" },
    { a: ["1.2", "3"] },
    { a: ["1.2", "3"], b: ["1-2", "3"] },
  ],
  [{ field: "a", pattern: "(\\w+)@(\\w+)", replacement: "$2 at $1" }, { a: "ann@home" }, { a: "home at ann" }],
  [{ field: "a", pattern: "x", replacement: "y" }, { a: 8 }, "which is not a text"],
]);

check("split", [
  [{ field: "a", separator: "\\s+" }, { a: "x  y z" }, { a: ["x", "y", "z"] }],
  [{ field: "a", separator: "\\." }, { a: "127.0.0.1" }, { a: ["127", "0", "0", "1"] }],
  [{ field: "a", separator: "\\|" }, { a: "x|y||" }, { a: ["x", "y"] }],
  [{ field: "a", separator: "\\|", preserve_trailing: true }, { a: "x|y||" }, { a: ["x", "y", "", ""] }],
  [{ field: "a", separator: "," }, { a: "" }, { a: [""] }],
  [{ field: "a", separator: "," }, { a: ",," }, { a: [] }],
]);

check("join", [
  [{ field: "a", separator: "-" }, { a: ["x", 1, true, 2.5] }, { a: "x-1-true-2.5" }],
  [{ field: "a", separator: "-" }, { a: "x" }, "which is not a list"],
]);

check("append", [
  [{ tags: ["x", "{{ app }}"] }, { app: "web" }, { app: "web", tags: ["x", "web"] }],
  [{ tags: "y" }, { tags: "x" }, { tags: ["x", "y"] }],
  [{ tags: ["x", "y"] }, { tags: ["x"] }, { tags: ["x", "x", "y"] }],
]);

check("set", [
  [{ "a.b": "{{ c }} and more" }, { c: 1 }, { c: 1, a: { b: "1 and more" } }],
  [{ a: [1, { b: "{{ c }}" }] }, { c: "x" }, { c: "x", a: [1, { b: "x" }] }],
  [{ a: null }, { a: 1 }, { a: null }],
]);

check("rename", [
  [{ provider: "cloud.provider" }, { provider: "x" }, { cloud: { provider: "x" } }],
  [{ a: "b" }, {}, 'the event has no field "a"'],
  [{ a: "b" }, { a: 1, b: 2 }, 'the field "b" is already there'],
  [{ a: "a.b" }, { a: 1 }, { a: { b: 1 } }],
]);

check("remove", [[["a", "b.c"] as never, { a: 1, b: { c: 2, d: 3 }, e: 4 }, { b: { d: 3 }, e: 4 }]]);
check("keep", [[["b.c"] as never, { a: 1, b: { c: 2, d: 3 }, e: 4 }, { b: { c: 2 } }]]);
check("trim", [[["a"] as never, { a: ["  x ", "y\t"] }, { a: ["x", "y"] }]]);
check("lowercase", [[["a"] as never, { a: "ÄB" }, { a: "äb" }]]);
check("uppercase", [[["a"] as never, { a: 1 }, "which is not a text"]]);
check("flatten", [[{ field: "a" }, { a: { b: { c: 1 }, d: [] } }, { a: { "b.c": 1, d: [] } }]]);

describe("a step that fails changes nothing", () => {
  it.each<[step: Written, data: Written]>([
    [{ rename: { a: "b.c" } }, { a: 1, b: "text" }],
    [{ keep: ["a", "a.b"] }, { a: 1, "a.b": 2 }],
    [{ url: { field: "u", target: "b.c", remove_if_successful: true } }, { u: "/x", b: 1 }],
    [{ csv: { field: "m", target_fields: ["x", "b.c"] } }, { m: "1,2", b: 1 }],
    [{ kv: { field: "m", field_split: " ", value_split: "=" } }, { m: "x=1 b.c=2", b: 1 }],
  ])("%j on %j", (step, data) => {
    expect(reshape([{ ...step, on_failure: "ignore" }], data)).toEqual(data);
    expect(reshape([{ ...step, on_failure: [{ set: { failed: true } }] }], data)).toEqual({ ...data, failed: true });
  });
});
