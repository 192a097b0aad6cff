import { expect, it } from "vitest";
import { addressHint } from "./text-words.ts";

it("suggests the port of the option's example", () => {
  const schema = { type: "string", title: "an address such as kafka.example.org:9092", pattern: "^[^:]+:[0-9]+$" };
  expect(addressHint("kafka-1", schema)).toBe("Add a port, such as kafka-1:9092.");
  expect(addressHint("kafka-1:9093", schema)).toBeUndefined();
});
