import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { freePort } from "../end-to-end/free-port.ts";
import { root, startWeir, temporaryFolder } from "../end-to-end/weir.ts";

// What deploy/ says about metrics is true of a run. The tools of Prometheus read the same files in .ci/run.

const textOf = (path: string): string => readFileSync(join(root, "deploy", path), "utf8");

/** The queries of the alerts and of the board, by where they are. */
const queries = (): readonly (readonly [string, string])[] => {
  const { groups } = parse(textOf("prometheus/alerts.yaml")) as {
    groups: { rules: { alert: string; expr: string }[] }[];
  };
  const board = JSON.parse(textOf("grafana/weir.json")) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  return [
    ...groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => [alert, expr] as const)),
    ...board.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
  ];
};

/** The names of metrics in a query, and of labels in its selectors and groupings. */
const namesIn = (query: string) => {
  const labels = [
    ...[...query.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, name = ""]) => name),
    ...[...query.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/,\s*/)),
  ];
  return { metrics: query.match(/\b(?:weir|process|nodejs)_\w+/g) ?? [], labels };
};

/** The metrics of a run that has had a bad record, and the labels that they have. */
const observed = async () => {
  const port = await freePort();
  const weir = startWeir(
    [
      "run",
      "pipelines/kubernetes-secret-access.yaml",
      "--data-dir",
      join(temporaryFolder(), "data"),
      "--listen",
      `${port}`,
    ],
    { environment: { AUDIT_LOG: join(root, "examples/audit-sample.log"), ALERTS: join(temporaryFolder(), "alerts") } },
  );
  expect(await weir.said("not_json")).toBe(true);
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  await weir.stop("SIGTERM");
  const metrics = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name));
  const labels = new Set([...text.matchAll(/[{,](\w+)="/g)].map(([, name]) => name));
  return { metrics, labels };
};

it("every metric and label that an alert or a panel names is one that a run has", async () => {
  const { metrics, labels } = await observed();
  // Those that Prometheus adds, and two that appear only when an event is discarded or the pipeline is loaded again.
  for (const name of ["instance", "job", "intentional", "outcome"]) labels.add(name);
  const all = queries();
  expect(all.length).toBeGreaterThan(20);
  for (const [where, query] of all) {
    const named = namesIn(query);
    expect(named.metrics.length + (/\bup\{/.test(query) ? 1 : 0), where).toBeGreaterThan(0);
    expect(
      named.metrics.filter((name) => !metrics.has(name)),
      where,
    ).toEqual([]);
    expect(
      named.labels.filter((name) => !labels.has(name)),
      where,
    ).toEqual([]);
  }
});

it("the documentation names every alert", () => {
  const text = readFileSync(join(root, "docs/operations.md"), "utf8");
  const { groups } = parse(textOf("prometheus/alerts.yaml")) as { groups: { rules: { alert: string }[] }[] };
  for (const { alert } of groups.flatMap(({ rules }) => rules)) expect(text, alert).toContain(alert);
});
