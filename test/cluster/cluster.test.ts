import { beforeAll, expect, it } from "vitest";
import type { Alerts } from "../kill/alerts.ts";
import { readDeadLetters } from "../kill/dead-letters.ts";
import { buildPrograms, type Programs, reasonToSkip } from "./programs.ts";
import { type Run, runCluster } from "./run.ts";
import { judgeLog, judgePosts, textOf, type Verdict } from "./verdicts.ts";

const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const skipped = reasonToSkip();
if (skipped) console.log(`test:cluster is skipped: ${skipped}.`);

let programs: Programs;
beforeAll(async () => {
  if (!skipped) programs = await buildPrograms();
});

it.skipIf(skipped)(
  "L1, L2: a real API server, read from its log and by its webhook, through kills of both sides",
  async () => {
    const run = await runCluster(programs, seed);
    const { file, webhook, raw, posts } = run;
    const verdicts = { file: judgeLog(raw, file.alerts.inOrder), webhook: judgePosts(posts, webhook.alerts.inOrder) };
    console.log(
      [...run.told, told("file", file.alerts, verdicts.file), told("webhook", webhook.alerts, verdicts.webhook)].join(
        "\n",
      ),
    );

    for (const [path, { missed, invented }] of Object.entries(verdicts))
      expect({ path, missed: missed.slice(0, 5), invented: invented.slice(0, 5) }).toEqual({
        ...{ path, missed: [], invented: [] },
      });
    expect(verdicts.file.isInOrder).toBe(true);
    expect(Math.min(verdicts.file.wanted, verdicts.webhook.wanted)).toBeGreaterThan(500);
    // Repeats are the same, byte for byte.
    expect([...file.alerts.changed, ...webhook.alerts.changed]).toEqual([]);
    expect([...file.errors, ...webhook.errors]).toEqual([]);
    expectSameIds(file.alerts, webhook.alerts);
    expectDeadLetters(run);
  },
);

const told = (path: string, { ids, repeats }: Alerts, { missed, invented }: Verdict): string =>
  `${path}: ${ids} alerts, ${repeats} repeated lines; ${missed.length} missed, ${invented.length} invented`;

/** The same event gives the same alert, by whatever path it came. */
const expectSameIds = (one: Alerts, other: Alerts): void => {
  const ids = new Map(one.inOrder.map((alert) => [textOf(alert), alert.id]));
  // Clients can give several events one Audit-ID.
  const shared = other.inOrder.filter((alert) => ids.has(textOf(alert)) && !alert.auditID.startsWith("chosen"));
  expect(shared.length).toBeGreaterThan(100);
  expect(shared.filter((alert) => ids.get(textOf(alert)) !== alert.id)).toEqual([]);
};

/** What was torn or too deep is in the dead letter, and nothing else: of the log, each once. */
const expectDeadLetters = ({ file, webhook, raw, posts }: Run): void => {
  const letters = lettersOf(file.dataDir);
  expect(letters.deep.sort()).toEqual([...raw.deep].sort());
  expect(letters.others.length).toBe(raw.torn);

  const { deep, others } = lettersOf(webhook.dataDir);
  const sent = new Set(posts.flatMap((post) => post.deep));
  const accepted = posts.flatMap((post) => (post.status === 200 ? post.deep : []));
  expect(deep.filter((auditID) => !sent.has(auditID))).toEqual([]);
  expect(accepted.filter((auditID) => !deep.includes(auditID))).toEqual([]);
  expect(others).toEqual([]);
};

/** The Audit-IDs of events that are nested too deep, and the reasons of all other letters. */
const lettersOf = (dataDir: string): { readonly deep: string[]; readonly others: string[] } => {
  const [deep, others]: [string[], string[]] = [[], []];
  for (const { head, data } of readDeadLetters(dataDir)) {
    const [, auditID = ""] = /"auditID\\*":\\*"([\w-]+)/.exec(JSON.stringify(data).replaceAll("\\", "")) ?? [];
    if (head.reason === "too_deep" || head.reason === "nested_too_deep") deep.push(auditID);
    else others.push(`${head.reason}: ${head.message}`);
  }
  return { deep, others };
};
