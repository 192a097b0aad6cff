import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { freePort } from "../../end-to-end/free-port.ts";
import { spawnBound } from "../../end-to-end/spawn-bound.ts";
import { pipelineFile, root, runWeir, temporaryFolder } from "../../end-to-end/weir.ts";
import { readDeadLetters } from "../../kill/dead-letters.ts";

const program = "prometheus-alertmanager";
const isThere = spawnSync(program, ["--version"]).status === 0;
if (!isThere) console.log(`skipped: no ${program}; Debian has a package of this name`);

interface Shown {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly status: { readonly state: string };
}

/** Starts Alertmanager until the test is over; returns its URL. */
const startAlertmanager = async (folder: string): Promise<string> => {
  const port = await freePort();
  const config = join(folder, "alertmanager.yml");
  writeFileSync(config, "route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n");
  const listen = [`--web.listen-address=127.0.0.1:${port}`, "--cluster.listen-address="];
  const paths = [`--config.file=${config}`, `--storage.path=${join(folder, "alertmanager")}`];
  const child = spawnBound(program, [...listen, ...paths], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 300; tries++) {
    if (
      await fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return url;
    await sleep(100);
  }
  throw new Error("Alertmanager is not ready after 30 s");
};

const shownBy = async (url: string) => (await (await fetch(`${url}/api/v2/alerts`)).json()) as readonly Shown[];

describe.skipIf(!isThere)("a real Alertmanager", () => {
  let url = "";
  let folder = "";
  const setUp = async () => {
    folder = temporaryFolder();
    url = await startAlertmanager(folder);
  };

  it("shows each alert once, with rule, severity and reason, also when they are sent again", async () => {
    await setUp();
    const pipeline = pipelineFile(folder, {
      sources: { audit: { type: "file", include: [join(root, "examples/audit-sample.log")], follow: false } },
      transforms: {
        ecs: { type: "kubernetes_audit", inputs: ["audit"] },
        detect: { type: "detection", inputs: ["ecs"], rules: ["kubernetes_secret_access_unusual_user_agent"] },
      },
      sinks: { pager: { type: "alertmanager", inputs: ["detect"], url } },
    });
    const run = () => runWeir(["run", pipeline, "--temporary"]);
    expect((await run()).code).toBe(0);
    const first = await shownBy(url);
    expect(first.length).toBe(8);
    for (const { labels, annotations, status, startsAt, endsAt } of first) {
      expect(labels).toMatchObject({
        alertname: "Kubernetes Secret Access via Unusual User Agent",
        severity: "low",
        rule_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        alert_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      });
      expect(annotations["description"]).toContain("This combination was not seen");
      expect(status.state).toBe("active");
      expect(Date.parse(endsAt) - Date.parse(startsAt)).toBeGreaterThan(3_500_000);
    }
    expect((await run()).code).toBe(0);
    expect((await shownBy(url)).length).toBe(8);
  }, 60_000);

  it("refuses an alert without a label, which goes to the dead letter; the others arrive", async () => {
    await setUp();
    const lines = join(folder, "lines.ndjson");
    writeFileSync(
      lines,
      '{"who":"ada"}\n{"who":""}\n{"n":1}\n{"who":["a","b"]}\n{"who":"bob","@timestamp":"2099-01-01T00:00:00Z"}\n',
    );
    const pipeline = pipelineFile(folder, {
      sources: { in: { type: "file", include: [lines], codec: "json", follow: false } },
      sinks: { pager: { type: "alertmanager", inputs: ["in"], url, labels: { who: "{{ who:- }}" }, annotations: {} } },
    });
    expect((await runWeir(["run", pipeline, "--data-dir", join(folder, "data")])).code).toBe(0);
    expect((await shownBy(url)).map(({ labels }) => labels["who"]).sort()).toEqual(["ada", "bob"]);
    const letters = readDeadLetters(join(folder, "data")) as unknown as readonly { head: { message: string } }[];
    expect(letters.map(({ head }) => head.message).sort()).toEqual([
      expect.stringMatching(/answered 400 Bad Request: .*at least one label/),
      expect.stringMatching(/answered 400 Bad Request: .*at least one label/),
      'the event cannot be sent: "who" has 2 values, but a placeholder takes one',
    ]);
  }, 60_000);
});
