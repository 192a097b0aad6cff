import { expect, it } from "vitest";
import { temporaryDir, unbalancedComponents } from "../runtime/harness.ts";
import { opened, running } from "./at-work.ts";
import { otherSide, until } from "./support.ts";

const server = { type: "websocket_server", listen: "127.0.0.1:0", acknowledge: true };

it("Node's own client: events in every shape of message arrive, and what is no event is in the dead letter", async () => {
  const { kept, runtime, address } = await running(server);
  const socket = await opened(address);
  const answers: string[] = [];
  socket.onmessage = ({ data }) => void answers.push(String(data));
  socket.send('{"n": 1}');
  socket.send(new TextEncoder().encode('[{"n": 2}, 3, {"n": 4}]'));
  socket.send('{"n": 5}\n{"n": 6}\n');
  socket.send('{"kind": "List", "items": [{"n": 7}]}');
  socket.send('{"id": 1, "events": [{"n": 8}, "no event", {"n": 9}]}');
  socket.send('[{"n": 10}, {"n": ');
  socket.send('{"id": 2, "events": [{"n": 11}, {"n": ');
  socket.send('{"id": 3, "events": [{"n": 12}');
  socket.send('{"id": 4, "events": [{"n": 13}]} what is this');
  const numbers = () => kept.map(({ data }) => data["n"]);
  await until(() => kept.length === 12);
  expect(numbers()).toEqual([1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  await until(() => runtime.stats().components["in"]!.component_received_events_total === 18);
  const stats = runtime.stats();
  expect(stats.components["in"]!.component_dead_letter_events_total).toEqual({ not_an_object: 2, not_json: 4 });
  expect(unbalancedComponents(stats)).toEqual({});
  await until(() => answers.length === 4);
  expect(answers.sort()).toEqual(['{"ack":1}', '{"ack":2}', '{"ack":3}', '{"ack":4}']);
});

it("an acknowledged message is committed, and one that comes again brings the same ids", async () => {
  const { kept, address } = await running(server);
  const message = '{"id": "x", "events": [{"n": 1}, {"n": 2}]}';
  const answers: string[] = [];
  for (let time = 0; time < 2; time++) {
    const socket = await opened(address);
    socket.onmessage = ({ data }) => void answers.push(String(data));
    socket.send(message);
    await until(() => answers.length === time + 1);
  }
  expect(answers).toEqual(['{"ack":"x"}', '{"ack":"x"}']);
  await until(() => kept.length === 4);
  expect(kept.slice(2)).toEqual(kept.slice(0, 2));
  expect(kept[0]!.id).not.toBe(kept[1]!.id);
});

it("a feed goes on after its committed cursor when weir starts again", async () => {
  const asked: string[] = [];
  const { address } = await otherSide((socket) =>
    socket.on("message", (hello) => {
      asked.push(String(hello));
      const from = Number(/\d+/.exec(String(hello))?.[0] ?? 0);
      for (let n = from + 1; n <= from + 100; n++) socket.send(`{"sequence": ${n}}`);
    }),
  );
  const feed = {
    type: "websocket_client",
    url: address,
    subscribe: "everything",
    cursor: "sequence",
    resume: "after {cursor}",
  };
  const dataDir = temporaryDir();
  for (let life = 0; life < 3; life++) {
    const { kept, runtime } = await running(feed, dataDir);
    await until(() => kept.length === 100);
    expect(kept.map(({ data }) => data["sequence"])).toEqual(Array.from({ length: 100 }, (_, n) => life * 100 + n + 1));
    await runtime.stop(5_000);
  }
  expect(asked).toEqual(["everything", "after 100", "after 200"]);
});
