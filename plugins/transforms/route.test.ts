import { testTransform } from "weir/testing";
import route from "./route.ts";

const routes = { errors: "level: error", slow: "took > 100" };
const input = [
  { level: "error", took: 5 },
  { level: "info", took: 500 },
  { level: "error", took: 500 },
  { level: "info" },
];

testTransform(route, [
  {
    name: "sends an event to every output whose query it matches",
    config: { routes, first_match: false },
    input,
    output: { errors: [input[0]!, input[2]!], slow: [input[1]!, input[2]!], unmatched: [input[3]!] },
  },
  {
    name: "sends an event to the first of them only, if asked to",
    config: { routes, first_match: true },
    input,
    output: { errors: [input[0]!, input[2]!], slow: [input[1]!], unmatched: [input[3]!] },
  },
]);
