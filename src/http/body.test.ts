import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { receiveBody } from "./body.ts";
import { BodyMemory } from "./body-memory.ts";
import { Reception } from "./reception.ts";

const limitsOf = (reception: Reception) => ({
  maxBody: 1_000,
  reception,
  memory: new BodyMemory(),
  signal: new AbortController().signal,
});

const message = () => Object.assign(new EventEmitter(), { headers: {}, socket: { remoteAddress: "192.0.2.1" } });

it("a body that is cut off is not counted any more", async () => {
  const reception = new Reception(1_000);
  const cut = message();
  const received = receiveBody(cut, limitsOf(reception));
  cut.emit("data", Buffer.alloc(900));
  expect(reception.fits(600, "another")).toBe(false);
  cut.emit("error", new Error("reset"));
  await expect(received).rejects.toThrow("closed before the body was complete");
  expect(reception.fits(1_000, "another")).toBe(true);
});

it("a whole body is counted until it is released, also when its client resets the call", async () => {
  const reception = new Reception(1_000);
  const whole = message();
  const receiving = receiveBody(whole, limitsOf(reception));
  whole.emit("data", Buffer.alloc(900));
  whole.emit("end");
  const work = (await receiving).complete(async (sent) => {
    whole.emit("error", new Error("reset"));
    expect(reception.fits(600, "another")).toBe(false);
    return sent.subarray(0, 50);
  });
  expect(await work).toHaveLength(50);
  (await receiving).release();
  expect(reception.fits(1_000, "another")).toBe(true);
});
