import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Connection } from "../../../src/valkey/connection.ts";
import { historyPurpose, ValkeyHistory } from "../../../src/valkey/history.ts";
import { Collector } from "../../histories/collector.ts";
import { steps, testHistory } from "../../histories/conformance.ts";
import { hasServer, Server } from "./server.ts";

describe.skipIf(!hasServer)("a history in Valkey", () => {
  let server: Server;
  let runs = 0;
  beforeAll(async () => {
    server = await Server.start();
  });

  const withFolder = async <T>(use: (folder: string) => Promise<T>): Promise<T> => {
    const folder = mkdtempSync(join(tmpdir(), "weir-history-"));
    try {
      return await use(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  it("tells of terms what one on disk tells, also when they were last seen", async () => {
    await fc.assert(
      fc.asyncProperty(steps, (all) =>
        withFolder(async (folder) => {
          const config = { url: server.url, tls: {}, prefix: `run${runs++}:`, disorder: 0 };
          const connection = new Connection(config, historyPurpose);
          const here = new Collector(join(folder, "here.db"));
          const there = new Collector(join(folder, "there.db"), new ValkeyHistory(connection, config));
          for (const [index, { crashes, at, user, ips }] of all.entries()) {
            const seen = { id: `event ${index}`, at, user, ips };
            expect((await there.handle(seen, crashes)).sent).toEqual((await here.handle(seen)).sent);
          }
          for (const collector of [here, there]) collector.close();
          connection.close();
        }),
      ),
      { numRuns: process.env["WEIR_LONG"] ? 500 : 12 },
    );
  });

  describe.each([
    { collectors: 1, disorder: 0 },
    { collectors: 3, disorder: 0 },
    { collectors: 3, disorder: 300 },
  ])("of $collectors, with a disorder of $disorder ms", ({ collectors, disorder }) => {
    testHistory({
      collectors,
      disorder,
      open: async () => {
        const folder = mkdtempSync(join(tmpdir(), "weir-history-"));
        const config = { url: server.url, tls: {}, prefix: `run${runs++}:`, disorder };
        const connections = Array.from({ length: collectors }, () => new Connection(config, historyPurpose));
        return {
          collectors: connections.map(
            (connection, index) => new Collector(join(folder, `${index}.db`), new ValkeyHistory(connection, config)),
          ),
          close: async () => {
            for (const connection of connections) connection.close();
            rmSync(folder, { recursive: true, force: true });
          },
        };
      },
    });
  });
});
