import { expect, it } from "vitest";
import { logRecorder, virtualClock } from "../testing/index.ts";
import { CutOffs } from "./cut-offs.ts";

it("counts each, and reports each reason once a minute, with how many there were", async () => {
  const [clock, log] = [virtualClock(), logRecorder()];
  const counted: string[] = [];
  const cutOffs = new CutOffs({ maxPayload: 1000, clock, log, refused: (reason) => counted.push(reason) });
  const tooLong = Object.assign(new RangeError("Max payload size exceeded"), {
    code: "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
  });
  const tooLongFrame = Object.assign(new RangeError("Unsupported"), { code: "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH" });
  for (const error of [tooLong, tooLongFrame, new Error("MASK must be set"), tooLong]) cutOffs.add(error, "there:1");
  await clock.advance(61_000);
  cutOffs.add(tooLong, "there:2");
  expect(log.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    "warn: disconnected there:1: it sent a message longer than 1000 bytes",
    "warn: disconnected there:1: it sent an invalid message: MASK must be set",
    "warn: disconnected there:2, and 2 more since the last such message: it sent a message longer than 1000 bytes",
  ]);
  expect(counted).toEqual(["too_long", "too_long", "unreadable", "too_long", "too_long"]);
});
