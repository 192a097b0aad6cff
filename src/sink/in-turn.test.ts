import { expect, it } from "vitest";
import { inTurn } from "./in-turn.ts";

it("calls wait for the calls before them, also for those that fail", async () => {
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const use = inTurn(async (name: string) => {
    order.push(`begin ${name}`);
    if (name === "a") await gate.promise;
    order.push(`end ${name}`);
    if (name === "a") throw new Error("no");
    return name;
  });
  const [first, second] = [use("a"), use("b")];
  gate.resolve();
  await expect(first).rejects.toThrow("no");
  expect(await second).toBe("b");
  expect(order).toEqual(["begin a", "end a", "begin b", "end b"]);
});
