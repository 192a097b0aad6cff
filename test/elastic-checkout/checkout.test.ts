import { describe, expect, it } from "vitest";
import { checkRules } from "../../src/cli/check-rules.ts";
import { RuleFiles } from "../../src/cli/rule-files.ts";
import { printed } from "../../src/cli/testing/printed.ts";
import { detect } from "../../src/detection/detect.ts";
import { RecordMeta } from "../../src/event.ts";
import { fingerprint as hash } from "../../src/fingerprint.ts";
import type { Data } from "../../src/json.ts";
import { memoryState } from "../../src/transform/memory-state.ts";
import { runStep } from "../../src/transform/run-step.ts";

/** The layout of Elastic's repository, with rules of our own that have its odd fields. */
const folder = "test/elastic-checkout";
const read = new RuleFiles(".").read(folder)!;
const nameOf = (file: string) => file.slice(folder.length + 1);
const loaded = read.flatMap(({ result }) => (result.ok ? [result.value] : []));

describe("a checkout of Elastic's repository", () => {
  it("loads, and each rule says whether it runs, and what has no effect", () => {
    const verdicts = read.map(({ file, result, cannotRun, notHonoured }) => {
      const fields = notHonoured.flatMap(({ field, matters }) => (matters ? [field] : []));
      return [nameOf(file), result.ok ? "runs" : cannotRun, ...fields].join(" | ");
    });
    expect(verdicts).toMatchInlineSnapshot(`
      [
        "hunting/linux/queries/odd_parents.toml | it is a query for people who hunt threats, and not a rule",
        "rules/_deprecated/old_names.toml | runs",
        "rules/cross-platform/table.toml | ES|QL is a language of pipelines over tables, which weir does not have yet",
        "rules/cross-platform/three_files_of_a_host.toml | runs",
        "rules/integrations/aws/many_denied.toml | runs",
        "rules/integrations/okta/first_admin_from_a_place.toml | runs",
        "rules/linux/listener_without_a_client.toml | runs",
        "rules/linux/many_renames_then_a_note.toml | runs",
        "rules/ml/unusual_hour.toml | it needs a trained job of Elasticsearch's machine learning",
        "rules/promotions/alerts_of_agents.toml | runs | exceptions_list",
        "rules/windows/Odd Name (of a file) [1].toml | runs",
        "rules/windows/script_reads_clipboard.toml | runs",
        "rules_building_block/one_of_many_programs.toml | runs",
      ]
    `);
  });

  it("runs by filters without those that cannot", () => {
    const check = (options: Parameters<typeof checkRules>[1]) =>
      printed((terminal) => checkRules([folder], options, terminal)).code;
    expect(check({})).toBe(78);
    expect(check({ type: ["eql", "query", "threshold", "new_terms"] })).toBe(0);
    expect(check({ maturity: ["deprecated"] })).toBe(0);
    expect(check({ integration: ["okta", "aws"] })).toBe(0);
  });

  it("decodes the odd fields", () => {
    const ruleOf = (name: string) => loaded.find((rule) => rule.name === name);
    expect(ruleOf("many_denied")).toMatchObject({
      threshold: { fields: ["user.name"], value: 2, cardinality: [], window: 3_600_000 },
      suppression: { group_by: ["user.name"], duration: 3_600_000 },
    });
    expect(ruleOf("first_admin_from_a_place")).toMatchObject({
      new_terms: { fields: ["okta.client.ip", "user.name", "process.name.caseless"], window: 14 * 86_400_000 },
    });
    expect(ruleOf("alerts_of_agents")).toMatchObject({
      exception_lists: ["endpoint_list"],
      rule_name_override: "message",
    });
    expect(ruleOf("one_of_many_programs")).toMatchObject({ building_block: true });
    expect(ruleOf("script_reads_clipboard")?.note).toContain("investigate");
  });

  it("raises the alerts of all rules at once", () => {
    const start = Date.UTC(2026, 0, 1);
    const host = { id: "h", os: { type: "windows" } };
    const process = { event: { category: "process", type: "start" }, host };
    const script = (text: string, path: string) => ({
      ...process,
      file: { path },
      powershell: { file: { script_block_text: text } },
    });
    const file = (action: string, name: string) => ({
      event: { category: "file", action },
      file: { name, extension: "x", path: `/root/${name}` },
      host,
      process: { entity_id: "e" },
    });
    const part = (path: string) => ({
      event: { category: "file" },
      file: { path },
      host: { id: "a" },
      process: { pid: 1 },
    });
    const signIn = (ip: string, name: string) => ({
      event: { dataset: "okta.system" },
      okta: { client: { ip } },
      process: { name },
      user: { name: "ann" },
    });
    const denied = { event: { dataset: "aws.cloudtrail" }, aws: { cloudtrail: { error_code: "AccessDenied" } } };
    const agents = { event: { kind: "alert", module: "endpoint", severity: 99, risk_score: 12 }, message: "Malware" };
    const documents: readonly Data[] = [
      script("$t = [Windows.Forms.Clipboard]::GetText()", "c:\\x.ps1"),
      script("get-clipboard | out-file x", "C:\\program files\\windowspowershell\\modules\\x.PSD1"),
      script('Set-Alias -Name "gcb"; Get-Clipboard', "c:\\x.ps1"),
      { ...process, process: { name: "x", args: ["-x", "a\u202eb"], executable: "c:\\x.exe" } },
      { ...process, process: { name: "x", args: ["–ENC"], executable: "c:\\windows\\x.exe" } },
      ...["a.x", "b.x", "c.x"].map((name) => file("rename", name)),
      file("creation", "HOW_TO.txt"),
      { event: { category: "process" }, process: { name: "nc", entity_id: "n" } },
      ...["/etc/passwd", "/proc/net/route", "/etc/machine-id"].map(part),
      ...[
        signIn("10.1.2.3", "Chrome"),
        signIn("10.1.2.3", "CHROME"),
        signIn("192.0.2.1", "x"),
        signIn("10.9.9.9", "Known X"),
      ],
      ...[denied, denied, denied, denied].map((each, n) => ({ ...each, user: { name: n < 3 ? "bob" : "role$" } })),
      agents,
      {
        event: { category: "process" },
        process: { name: "Older.EXE", command_line: "x y" },
        source: { ip: "10.0.0.1" },
      },
      { event: { category: "process" }, process: { executable: "/OPT/a/bin/program-119-x" } },
    ];
    const { event, tick } = detect({ rules: loaded, state: memoryState(), hash });
    const events = documents.map((data, index) => ({
      data: { "@timestamp": new Date(start + index).toISOString(), ...data },
      meta: new RecordMeta("a", "log", index, start + index),
    }));
    const alerts = runStep(event, events).events.map(({ data }) => data);
    // What is still open at the end is told then.
    const emit = ({ data }: { readonly data: Data }) => alerts.push(data) > 0;
    tick?.({ now: start + 3_600_000, idle: 3_600_000, final: true, epoch: 0, note: () => {}, emit });
    const counts: Record<string, number> = {};
    for (const data of alerts) {
      const name = String(data["kibana.alert.rule.name"]);
      if (data["kibana.alert.group.index"] === undefined) counts[name] = (counts[name] ?? 0) + 1;
    }
    expect(counts).toMatchInlineSnapshot(`
      {
        "A Listener to Which No Client Comes": 1,
        "A Script Reads the Clipboard": 1,
        "First Time as Administrator from a Place": 1,
        "Letters from Right to Left": 1,
        "Malware": 1,
        "Many Denied Requests": 1,
        "Many Renamed Files, Then a Note": 1,
        "Old Names of Processes": 1,
        "One of Many Programs": 1,
        "Three Files That Tell a Host": 1,
      }
    `);
    const agent = alerts.find((data) => data["kibana.alert.rule.name"] === "Malware");
    expect(agent).toMatchObject({ "kibana.alert.severity": "critical", "kibana.alert.risk_score": 12 });
  });
});
