import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { familyText } from "../../../src/observe/family-text.ts";
import type { MetricFamily } from "../../../src/telemetry/metric-family.ts";
import { freePort } from "../../end-to-end/free-port.ts";
import { answers, pipelineFile, startWeir, temporaryFolder } from "../../end-to-end/weir.ts";

const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;
if (!hasPromtool) console.log("skipped: no promtool; apt-get install prometheus installs one");

/** What Prometheus' own parser says to a text: nothing, or what it dislikes. */
const promtool = (text: string): { readonly code: number | null; readonly said: string } => {
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: text });
  return { code: status, said: `${stdout}${stderr}` };
};

const arbitraryText = fc.string({ unit: "binary", maxLength: 12 });
const arbitraryLabels = fc.dictionary(fc.stringMatching(/^[a-z]\w{0,5}$/), arbitraryText, { maxKeys: 3 });
const arbitraryNumber = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Number.NaN, 1e21, -0));
const arbitraryFamilies: fc.Arbitrary<readonly MetricFamily[]> = fc.array(
  fc.oneof(
    fc.record({
      name: fc.constant("seen_total"),
      help: arbitraryText,
      type: fc.constant("counter" as const),
      samples: fc.uniqueArray(fc.record({ labels: arbitraryLabels, value: arbitraryNumber }), {
        selector: ({ labels }) =>
          JSON.stringify(
            Object.entries(labels)
              .filter(([, text]) => text !== "")
              .sort(),
          ),
        maxLength: 4,
      }),
    }),
    fc.record({
      name: fc.constant("took_seconds"),
      help: arbitraryText,
      type: fc.constant("histogram" as const),
      bounds: fc.constant([0.005, 1, 1e21]),
      samples: fc.array(
        fc.record({
          labels: fc.constant({ a: 'x"\\\n' }),
          sum: fc.double({ noNaN: true }),
          counts: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
        }),
        { maxLength: 1 },
      ),
    }),
  ),
  { maxLength: 1 },
);

describe.skipIf(!hasPromtool)("Prometheus' own parser", () => {
  it("PROPERTY: reads the text of any metrics", () => {
    fc.assert(
      fc.property(arbitraryFamilies, (families) => {
        const text = families.map(familyText).join("");
        const { code, said } = promtool(text);
        // 3: it has read everything, and dislikes a name or a help.
        expect([0, 3], `${said}${text}`).toContain(code);
      }),
      { numRuns: process.env["WEIR_LONG"] ? 1_000 : 100 },
    );
  });

  it("has nothing to say about the metrics of a pipeline", async () => {
    const folder = temporaryFolder();
    const port = await freePort();
    const code = "responseStatus.code";
    const described = (name: string, type: string, more: object) => ({ name, type, help: `What ${name} is.`, ...more });
    const pipeline = pipelineFile(folder, {
      sources: { in: { type: "demo", rate: 200 } },
      sinks: {
        metrics: {
          type: "prometheus",
          inputs: ["in"],
          batch: { timeout: "10ms" },
          metrics: [
            described("requests_total", "counter", { labels: { host: '{{ host.name:-a"b\\c }}' } }),
            described("answers_code", "histogram", { value: code, where: `${code}: *`, buckets: [100, 300] }),
            described("latest_code", "gauge", { value: code, where: `${code}: *` }),
          ],
        },
      },
    });
    const data = `${folder}/data`;
    const weir = startWeir(["run", pipeline, "--data-dir", data, "--listen", `127.0.0.1:${port}`]);
    await answers(data);
    let text = "";
    for (let waited = 0; waited < 20_000 && !/^answers_code_count [1-9]/m.test(text); waited += 20) {
      if (!weir.isAlive) break;
      text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    }
    await weir.stop("SIGTERM");
    expect(text).toMatch(/^requests_total\{host="a\\"b\\\\c"\} [1-9]/m);
    expect(promtool(text)).toEqual({ code: 0, said: "" });
  });
});
