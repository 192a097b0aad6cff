import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileEql } from "../../eql/compile.ts";
import { mappingOf } from "../../fields/mapping.ts";
import { fieldValues } from "../../fields/values.ts";
import { GuardIndex } from "../../guard/guard-index.ts";
import type { Data } from "../../json.ts";
import { compileKql } from "../compile.ts";
import { guardOfKql } from "../guard.ts";
import { scriptWordsOf } from "./words.ts";

const script = {
  powershell: { file: { script_block_text: '$t = [Windows.Clipboard]::GetText()\nGet-Clipboard -Raw "x"' } },
};
const text = "powershell.file.script_block_text";

describe("scripts of PowerShell", () => {
  it.each([
    [`${text}:"Windows.Clipboard"`, true],
    [`${text}:"]::GetText"`, true],
    [`${text}:(".Paste()" or "get-clipboard")`, true],
    [`${text}:"Clipboard"`, true],
    [`${text}:"Get Clipboard"`, false],
    [`${text}:"-Raw" and not ${text}:"Raw"`, true],
    [`${text}:get-clip*`, true],
    [`${text}:"Clipboard GetText" and ${text}:*`, true],
    [`${text}:"GetText Clipboard"`, false],
  ])("%s is %s", (query, expected) => {
    expect(compileKql(query)(script)).toBe(expected);
    if (expected) expect([...new GuardIndex([guardOfKql(query)]).holding(script)]).toEqual([0]);
  });

  it("have words as a plain loop finds them", () => {
    const plain = (value: string) => {
      const words = [""];
      for (const character of value)
        if (/[A-Za-z0-9_-]/.test(character)) words[words.length - 1] += character.toLowerCase();
        else words.push("");
      return words.filter((word) => word !== "");
    };
    const texts = fc.string({ unit: fc.constantFrom(..."aB9_-.é$K😀 \n"), maxLength: 40 });
    fc.assert(fc.property(texts, (value) => void expect(scriptWordsOf(value)).toEqual(plain(value))));
  });

  it("give the same verdict in whatever order texts come", () => {
    const query = compileKql(`${text}:"a b" or ${text}:c`);
    const values = fc.array(fc.constantFrom("a b", "b a", "c", "A  B", "ab"), { maxLength: 6 });
    fc.assert(
      fc.property(values, (several) => {
        const matches = (value: unknown) => query({ powershell: { file: { script_block_text: value } } });
        expect(matches(several)).toBe(several.map(matches).some((one) => one));
      }),
    );
  });
});

describe("names for the values of another field", () => {
  const process = { process: { name: "CMD.exe", command_line: "cmd /c Whoami", args: ["A", "b"] }, labels: { x: "y" } };
  it.each<[string, Data, boolean]>([
    ["process.name.caseless:cmd.EXE", process, true],
    ["process.name.caseless:(power* or cM*)", process, true],
    ["process.name:cmd.exe", process, false],
    ["process.name.caseless:*", process, true],
    ["process.name.caseless:*", { user: { name: "x" } }, false],
    ["process.name.caseless >= CMA", process, true],
    ["file.Ext.original.name.caseless:a", { file: { Ext: { original: { name: "A" } } } }, true],
    [`process.name.caseless:${"x".repeat(1025)}`, { process: { name: "x".repeat(1025) } }, false],
    ["process.command_line.text:whoami", process, true],
    ['process.command_line.text:"c whoami"', process, true],
    ["process.args.text:B", process, true],
    // Of fields that ECS does not have, it is a field like any other.
    ["app.text:x", { app: { text: "x" } }, true],
  ])("%s of %j is %s", (query, data, expected) => {
    expect(compileKql(query)(data)).toBe(expected);
    if (expected) expect([...new GuardIndex([guardOfKql(query)]).holding(data)]).toEqual([0]);
  });

  it("are read by EQL, and as terms", () => {
    const eql = (condition: string) => {
      const query = compileEql(`any where ${condition}`);
      const isMatch = query.type === "event" && query.matches(process);
      if (isMatch) expect([...new GuardIndex([query.guard]).holding(process)]).toEqual([0]);
      return isMatch;
    };
    expect(eql('process.name.caseless == "cmd.exe"')).toBe(true);
    expect(eql('process.name.caseless in ("cmd.exe")')).toBe(true);
    expect(eql('process.name.caseless like "cmd*"')).toBe(true);
    expect(eql('startsWith(process.name.caseless, "cmd")')).toBe(true);
    const field = "process.name.caseless";
    expect(fieldValues(field, mappingOf(field))(process)).toEqual(["cmd.exe"]);
  });
});
