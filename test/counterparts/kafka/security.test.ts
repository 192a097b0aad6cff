import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { KafkaHistory } from "../../../src/kafka/history/history.ts";
import { freePort } from "../../end-to-end/free-port.ts";
import { pipelineFile, startWeir, temporaryFolder } from "../../end-to-end/weir.ts";
import { authority, hasOpenssl } from "../../http/certificates.ts";
import { Broker, hasKafka } from "./broker.ts";

describe.skipIf(!hasKafka || !hasOpenssl)("TLS and credentials of a real broker", () => {
  let broker: Broker;
  let address: string;
  let ca: string;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "weir-kafka-tls-"));
    const own = authority(folder, "kafka");
    ca = own.ca;
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const { certificate, key } = own.issue("broker");
    const store = join(folder, "store.pem");
    const pkcs8 = readFileSync(key, "utf8");
    writeFileSync(store, pkcs8 + readFileSync(certificate, "utf8"));
    address = `127.0.0.1:${await freePort()}`;
    const mechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];
    const login = "org.apache.kafka.common.security";
    broker = await Broker.start({
      listeners: [`SASL_SSL://${address}`],
      more: [
        `sasl.enabled.mechanisms=${mechanisms.join(",")}`,
        "ssl.keystore.type=PEM",
        `ssl.keystore.location=${store}`,
        `listener.name.sasl_ssl.plain.sasl.jaas.config=${login}.plain.PlainLoginModule required user_weir="s3cret";`,
        `listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=${login}.scram.ScramLoginModule required;`,
        `listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=${login}.scram.ScramLoginModule required;`,
      ],
      format: mechanisms.slice(1).flatMap((name) => ["--add-scram", `${name}=[name=weir,password=s3cret]`]),
    });
  }, 180_000);

  it.each(["plain", "scram-sha-256", "scram-sha-512"])("writes and reads with %s", async (mechanism) => {
    const folder = temporaryFolder();
    await broker.createTopic(mechanism, 1);
    const [lines, out] = [join(folder, "lines.ndjson"), join(folder, "out.ndjson")];
    writeFileSync(lines, '{"n":1}\n{"n":2}\n');
    const client = {
      type: "kafka",
      brokers: [address],
      tls: { ca },
      sasl: { mechanism, user: "weir", password: "s3cret" },
    };
    const pipeline = pipelineFile(folder, {
      sources: {
        in: { type: "file", include: [lines], codec: "json" },
        back: { ...client, topics: [mechanism], group: mechanism },
      },
      sinks: {
        out: { ...client, inputs: ["in"], topic: mechanism },
        kept: { type: "file", inputs: ["back"], path: out },
      },
    });
    const weir = startWeir(["run", pipeline, "--data-dir", join(folder, "data")]);
    const read = () => {
      try {
        return readFileSync(out, "utf8");
      } catch {
        return "";
      }
    };
    for (let tries = 0; tries < 600 && !read().includes('"n":2'); tries++) await sleep(100);
    expect((await weir.stop("SIGTERM")).code).toBe(0);
    expect(read()).toBe('{"n":1}\n{"n":2}\n');
  });

  it("is where a shared history can be", async () => {
    const sasl = { mechanism: "scram-sha-512", user: "weir", password: "s3cret" } as const;
    const stop = new AbortController();
    const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const history = new KafkaHistory(
      { brokers: [address], tls: { ca }, sasl, topic: "history", disorder: 0, max_size: 1_000_000 },
      { clock: systemClock, log: silent, signal: stop.signal },
    );
    await history.prepare();
    const ask = { owner: ["c"], once: "one", keys: ["k"], at: 1, window: 1_000, lateness: 0 };
    const answers = await history.observe([ask, { ...ask, once: "two" }], stop.signal);
    expect(answers.map(([seen]) => seen!.isNew)).toEqual([true, false]);
    stop.abort();
  });

  it("says what is wrong with credentials and certificates", async () => {
    const folder = temporaryFolder();
    const [lines] = [join(folder, "lines.ndjson")];
    writeFileSync(lines, "");
    const sasl = { mechanism: "plain", user: "weir", password: "wrong" };
    const sinkOf = (more: object) => ({ type: "kafka", inputs: ["in"], topic: "plain", brokers: [address], ...more });
    const pipeline = pipelineFile(folder, {
      sources: { in: { type: "file", include: [lines], codec: "json" } },
      sinks: { wrong: sinkOf({ tls: { ca }, sasl }), foreign: sinkOf({ tls: { enabled: true }, sasl }) },
    });
    const weir = startWeir(["run", pipeline, "--data-dir", join(folder, "data")]);
    await weir.said("SASL authentication failed");
    await weir.said("is not trusted");
    await weir.stop("SIGTERM");
  });
});
