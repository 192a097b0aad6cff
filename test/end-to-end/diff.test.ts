import { expect, it } from "vitest";
import { pipelineFile, runWeir, temporaryFolder } from "./weir.ts";

it("diff between two files shows options, without secrets", async () => {
  const folder = temporaryFolder();
  const plan = (token: string, url: string, more = {}) => ({
    sources: { log: { type: "file", include: ["in.ndjson"], codec: "json" }, other: { type: "demo" } },
    sinks: {
      remote: { type: "http", inputs: ["log"], url, auth: { token } },
      kept: { type: "blackhole", inputs: ["other"] },
      ...more,
    },
  });
  const old = pipelineFile(folder, plan("a-secret", "http://127.0.0.1:1/"), "old.yaml");
  const next = pipelineFile(
    folder,
    plan("another-secret", "http://127.0.0.1:2/", { added: { type: "blackhole", inputs: ["log"] } }),
    "new.yaml",
  );
  const { code, out } = await runWeir(["diff", old, next]);
  expect({ code, out }).toEqual({
    code: 0,
    out: `~ sink remote (http)
    url: "http://127.0.0.1:1/" → "http://127.0.0.1:2/"
    auth.token: a secret has changed
+ sink added (blackhole)
restarts with them: log
not touched: other, kept
`,
  });
  expect((await runWeir(["diff", next, next])).out).toBe("no differences\n");
});
