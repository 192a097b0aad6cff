import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadPipeline } from "../config/load.ts";
import { plugins } from "./plugins.ts";
import { RuleFiles } from "./rule-files.ts";

const folder = mkdtempSync(join(tmpdir(), "exceptions-"));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string | Buffer) => writeFileSync(join(folder, name), text);

const pipeline = (files: string) => `
sources:
  documents: { type: stdin, codec: json }
transforms:
  alerts: { type: detection, inputs: [documents], rules: [kubernetes_secrets_read_or_watched], exception_files: ${files} }
sinks:
  out: { type: console, inputs: [alerts] }
`;

const load = (files: string) => {
  const rules = new RuleFiles(folder);
  const host = { file: "p.yaml", plugins, rules, env: () => undefined, readFile: () => "" };
  return { rules, loaded: loadPipeline(pipeline(files), host) };
};

const told = (files: string): readonly string[] => {
  const { loaded } = load(files);
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  return problems.map(
    ({ file, line, column, message }) =>
      `${file.split("/").at(-1)}:${line}:${column} ${message.replaceAll(`${folder}/`, "")}`,
  );
};

const file = (entry: string, more = "") => `exceptions:
  - name: scanner
    rules: ["*"]
    reason: It may.
    ${more}
    entries:
      - ${entry}
`;

describe("files of exceptions", () => {
  it("are read with their lists, from the folder of the pipeline, and take part in a reload", () => {
    write("hosts.txt", "192.0.2.0/24\r\n\n 198.51.100.7 \n");
    write("good.yaml", file("{ field: source.ip, type: list, list: { file: hosts.txt, type: ip_range } }"));
    const { rules, loaded } = load("[good.yaml]");
    expect(loaded).toMatchObject({ ok: true });
    if (!loaded.ok) return;
    expect(loaded.value.parts.get("alerts")!.uses.get("exception file good.yaml")).toMatchObject([
      { name: "scanner", entries: [{ list: { file: ["192.0.2.0/24", "198.51.100.7"] } }] },
    ]);
    expect(rules.paths).toEqual(expect.arrayContaining([join(folder, "good.yaml"), join(folder, "hosts.txt")]));
  });

  it("tell what is wrong with them, with places", () => {
    write("torn.yaml", "exceptions: [");
    write("list.yaml", "- 1\n");
    write("typo.yaml", file("{ feld: source.ip, type: exists }"));
    write("nowhere.yaml", file("{ field: source.ip, type: list, list: { file: none.txt } }"));
    write("binary.yaml", Buffer.of(0, 1));
    expect(told("[list.yaml, typo.yaml, nowhere.yaml, binary.yaml, none.yaml]")).toMatchInlineSnapshot(`
      [
        "p.yaml:5:114 The exceptions of "list.yaml" cannot be used: there is no such file, or it has errors.",
        "p.yaml:5:125 The exceptions of "typo.yaml" cannot be used: there is no such file, or it has errors.",
        "p.yaml:5:136 The exceptions of "nowhere.yaml" cannot be used: there is no such file, or it has errors.",
        "p.yaml:5:150 The exceptions of "binary.yaml" cannot be used: there is no such file, or it has errors.",
        "p.yaml:5:163 The exceptions of "none.yaml" cannot be used: there is no such file, or it has errors.",
        "list.yaml:1:1 The content of this file is not a map of exceptions.",
        "typo.yaml:7:11 Unknown option "feld" of "entries".",
        "nowhere.yaml:7:55 The list of values "none.txt" cannot be used: there is no such file, or it has errors.",
        "binary.yaml:1:1 The exception file "binary.yaml" cannot be read: it is not a text file: it contains zero bytes.",
      ]
    `);
    expect(told("[torn.yaml]").length).toBeGreaterThan(1);
  });

  it("may be exports of Kibana, for rules that the pipeline names", () => {
    const item = (entries: unknown) => JSON.stringify({ list_id: "l", name: "scanner", item_id: "i", entries });
    const byHost = item([
      { field: "host.name", type: "list", operator: "included", list: { id: "names", type: "keyword" } },
    ]);
    const unknown = item([{ field: "host.name", type: "near" }]);
    write("names", "a\nb\n");
    write("export.ndjson", `${byHost}\n${unknown}\n`);
    const { loaded, rules } = load("[{ from: export.ndjson, rules: [kubernetes_*] }]");
    expect(loaded).toMatchObject({ ok: true });
    expect(rules.paths).toEqual(expect.arrayContaining([join(folder, "export.ndjson"), join(folder, "names")]));
    expect(told("[{ from: export.ndjson, rules: [kubernetes_*] }]")).toMatchInlineSnapshot(`
      [
        "p.yaml:5:114 export.ndjson:2: The exception "scanner" is left out: it has an entry of the type "near".",
      ]
    `);
    expect(told("[export.ndjson]")).toMatchInlineSnapshot(`
      [
        "p.yaml:5:114 export.ndjson:2: The exception "scanner" is left out: it has an entry of the type "near".",
        "p.yaml:5:114 "alerts" cannot be built: the lists in this export apply to no rule of this component.",
      ]
    `);
    expect(told("[{ from: export.ndjson }]")).toMatchInlineSnapshot(`
      [
        "p.yaml:5:114 "exception_files" needs the option "rules".",
      ]
    `);
  });

  it("tell of an entry that makes no sense, and of an exception that has ended", () => {
    write("senseless.yaml", file("{ field: source.ip, type: match, value: nobody }"));
    write("ended.yaml", file("{ field: source.ip, type: exists, operator: excluded }", 'expires: "2026-01-01"'));
    expect(told("[senseless.yaml]")).toMatchInlineSnapshot(`
      [
        "p.yaml:5:114 "alerts" cannot be built: the exception "scanner" cannot be used: "nobody" does not fit the field "source.ip": it is not an IP address. Write an address such as 10.0.0.1 or "fe80::1", or a network such as 10.0.0.0/8. (at entries.0.value).",
      ]
    `);
    expect(told("[ended.yaml]")).toMatchInlineSnapshot(`
      [
        "p.yaml:5:114 ended.yaml:5: The exception until 2026-01-01 has ended: it does not apply to new events.",
      ]
    `);
    const codesOf = (files: string) => {
      const { loaded } = load(files);
      return loaded.ok ? loaded.warnings.map(({ code }) => code) : [];
    };
    expect(codesOf("[ended.yaml]")).toEqual(["config/exception-expiry"]);
    write(
      "out.ndjson",
      `${JSON.stringify({ list_id: "l", name: "n", item_id: "i", entries: [{ field: "a", type: "near" }] })}\n`,
    );
    expect(codesOf("[{ from: out.ndjson, rules: ['*'] }]")).toEqual(["config/exception-left-out"]);
  });
});
