import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { temporaryDataDir, writeLetters } from "../testing/letters.ts";
import { execute } from "./main.ts";

let dataDir = "";
beforeEach(async () => {
  dataDir = temporaryDataDir();
  await writeLetters(dataDir, [
    {
      component: "in",
      reason: "not_json",
      message: "the record is not JSON: \u001b[31mred",
      data: { raw: "{ what?\u001b" },
    },
    { component: "out", reason: "refused_by_sink", id: "in/stream@7", data: { user: { name: "mira" } }, attempts: 3 },
  ]);
});

const weir = async (command: string, ...argv: string[]) => {
  const printed = { out: "", error: "" };
  const terminal = {
    out: (text: string) => {
      printed.out += text;
    },
    error: (text: string) => {
      printed.error += text;
    },
    color: { out: false, error: false },
    width: 100,
  };
  const code = await execute([...command.split(" "), ...argv, "--data-dir", dataDir], terminal);
  return { code, ...printed };
};

describe("dead-letters", () => {
  it("list: one line each, with nothing that a terminal would obey", async () => {
    const { code, out, error } = await weir("dead-letters list");
    expect(code).toBe(0);
    expect(out.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["ID", "TIME", "COMPONENT", "REASON", "TRIES", "MESSAGE"],
      ["1-0", "2026-03-04T00:00:00Z", "in", "not_json", "1", "the record is not JSON: \\u001b[31mred"],
      [
        expect.stringMatching(/^1-\d+$/),
        "2026-03-04T00:00:00Z",
        "out",
        "refused_by_sink",
        "3",
        "the record is not JSON",
      ],
      [""],
    ]);
    expect(error).toBe('2 dead letters: 1 of "in" (not_json), 1 of "out" (refused_by_sink)\n');
  });

  it("list: those of a component or with a reason, also as JSON", async () => {
    const { out } = await weir("dead-letters list --component out --json");
    expect(JSON.parse(out)).toMatchObject({ event_id: "in/stream@7", attempts: 3, data: { user: { name: "mira" } } });
    expect(await weir("dead-letters list --reason damaged")).toEqual({
      code: 0,
      out: "",
      error: "There are no dead letters.\n",
    });
  });

  it("show: the event, or the record as it came", async () => {
    expect((await weir("dead-letters show in/stream@7")).out).toContain('"name": "mira"');
    const { out } = await weir("dead-letters show 1-0");
    expect(out).toContain("message         the record is not JSON: \\u001b[31mred\n");
    expect(out.endsWith("\n\n{ what?\\u001b\n")).toBe(true);
    expect(await weir("dead-letters show 9-9")).toMatchObject({
      code: 1,
      out: "",
      error: expect.stringContaining('"9-9"'),
    });
  });

  it("purge and replay need a selection", async () => {
    for (const command of ["purge", "replay"])
      expect(await weir(`dead-letters ${command}`)).toMatchObject({ code: 2, error: expect.stringContaining("--all") });
    expect(await weir("dead-letters replay --reason not_json")).toMatchObject({
      code: 0,
      out: "weir is not running here: 1 dead letter marked for its next start\n",
    });
    expect(await weir("dead-letters purge 1-0 7-7")).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^1 dead letter purged, \d+ bytes\n$/),
      error: expect.stringContaining('"7-7"'),
    });
    expect(await weir("dead-letters purge --all --json")).toMatchObject({
      code: 0,
      out: expect.stringContaining('"purged":1'),
    });
    expect((await weir("dead-letters list")).error).toBe("There are no dead letters.\n");
  });

  it("reports a folder that is not a data dir", async () => {
    dataDir = join(dataDir, "nowhere");
    for (const command of ["dead-letters list", "status"])
      expect(await weir(command)).toMatchObject({ code: 1, error: expect.stringContaining("is not a data dir") });
  });
});

it("status says what the data dir of a stopped weir holds", async () => {
  const { code, out } = await weir("status");
  expect(code).toBe(0);
  expect(out).toContain(`weir is not running on "${dataDir}"`);
  expect(out).toMatch(/dead_letter {2}\d+ bytes {2}2 letters {2}oldest from 2026-03-04T00:00:00.000Z/);
});
