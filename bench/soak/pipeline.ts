import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../support/http-run.ts";

/** Where everything of a soak is, in a folder of its own. */
export const setUp = async (folder: string) => {
  const [http, sockets, httpOut, socketsOut] = await Promise.all(Array.from({ length: 4 }, freePort));
  const path = (name: string) => join(folder, name);
  const address = (port: number | undefined) => `127.0.0.1:${port}`;
  const retry = { initial: "100ms", max: "2s" };
  const events = ["log", "http", "sockets"];
  const pipeline = {
    sources: {
      log: { type: "file", include: [path("log/events.log")], codec: "json", poll_interval: "100ms" },
      http: { type: "http_server", listen: address(http) },
      sockets: { type: "websocket_server", listen: address(sockets), acknowledge: true },
    },
    transforms: { fresh: { type: "new_terms", inputs: events, fields: ["user.name", "from"], window: "30s" } },
    sinks: {
      file: { type: "file", inputs: events, path: path("out/events.ndjson"), rotate: { size: "4MiB", keep: 1000 } },
      posts: { type: "http", inputs: events, url: `http://${address(httpOut)}/`, retry, health_check: false },
      messages: {
        type: "websocket_client",
        inputs: events,
        url: `ws://${address(socketsOut)}/`,
        acknowledge: true,
        messages: "batch",
        retry,
        health_check: false,
      },
      terms: { type: "file", inputs: ["fresh"], path: path("terms.ndjson"), rotate: { size: "1MiB", keep: 1 } },
    },
  };
  writeFileSync(path("pipeline.yaml"), JSON.stringify(pipeline, null, 2));
  return {
    dataDir: path("data"),
    stats: path("stats.json"),
    log: path("log/events.log"),
    out: path("out/events.ndjson"),
    args: ["run", path("pipeline.yaml"), "--data-dir", path("data"), "--stats", path("stats.json")],
    urls: { http: `http://${address(http)}/`, sockets: `ws://${address(sockets)}/` },
    ports: { http: httpOut!, sockets: socketsOut! },
  };
};
