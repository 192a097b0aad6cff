import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDir } from "../runtime/harness.ts";
import { came, serve } from "./pipeline.ts";

const hasCurl = spawnSync("curl", ["--version"], { timeout: 5_000 }).status === 0;

const curl = (...args: string[]): Promise<string> =>
  new Promise((resolve) => {
    const child = spawn("curl", ["--silent", "--max-time", "10", "--write-out", "%{http_code}", ...args]);
    let out = "";
    child.stdout.on("data", (text) => {
      out += text;
    });
    child.on("close", () => resolve(out));
  });

describe.runIf(hasCurl)("curl", () => {
  it("sends a file as it is, a large one after 100 Continue, and in chunks", async () => {
    const serving = await serve();
    const file = join(temporaryDir(), "events.json");
    const events = Array.from({ length: 20_000 }, (_, n) => ({ n, note: "x".repeat(60) }));
    writeFileSync(file, JSON.stringify(events));
    const json = ["-H", "Content-Type: application/json"];
    expect(await curl("--data-binary", '{"n":-1}', serving.url)).toBe("200");
    expect(await curl(...json, "--data-binary", `@${file}`, serving.url)).toBe("200");
    expect(await curl(...json, "-H", "Transfer-Encoding: chunked", "-T", file, serving.url)).toBe("200");
    await came(serving, 1 + 2 * events.length);
    expect(serving.kept.slice(1, 1 + events.length).map(({ data }) => data)).toEqual(events);
  });

  it("gets errors that say what is wrong", async () => {
    const serving = await serve({ max_body: "1KiB", auth: { users: [{ name: "ada", password: "pip" }] } });
    const file = join(temporaryDir(), "large");
    writeFileSync(file, "x".repeat(3_000_000));
    expect(await curl("--data", "{}", serving.url)).toMatch(/this server requires a user and password.*401$/s);
    const asAda = ["--user", "ada:pip"];
    expect(await curl(...asAda, "--data", "{}", serving.url)).toBe("200");
    expect(await curl(...asAda, "--data-binary", `@${file}`, serving.url)).toMatch(
      /larger than the limit of 1024 bytes.*413$/s,
    );
    expect(await curl(`${serving.url}/healthz`)).toBe("ok\n200");
  });
});
