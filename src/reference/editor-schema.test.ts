import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { codecs } from "../cli/plugins.ts";
import { change, load, plugins, sound } from "../config/testing/fixtures/sound.ts";
import { editorSchema } from "./editor-schema.ts";

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false });
const validate = ajv.compile(JSON.parse(JSON.stringify(editorSchema(plugins, codecs))) as object);
const accepts = (text: string): boolean => validate(parse(text));

it("has no keyword of weir's own", () => {
  expect(JSON.stringify(editorSchema(plugins, codecs))).not.toMatch(/"(kind|optional|needs|excludes|holds)":/);
});

describe("accepts what weir accepts", () => {
  it.each([
    sound,
    change("type: ticker", "type: ticker, count: 7, max_line: 512, every: 5m"),
    change("type: ticker", "type: ticker, count: '${env:COUNT}', quiet: '${env:QUIET}', every: '${env:COUNT}s'"),
    change('url: "https', 'method: "${env:NONE:-put}", buffer: { max_size: "${env:COUNT}KiB" }, url: "https'),
    sound
      .replace("transforms:\n", "")
      .replace(/ {2}some:.*\n/, "")
      .replace("[some]", "[clock]"),
  ])("%s", (text) => {
    expect(load(text).ok).toBe(true);
    expect(accepts(text)).toBe(true);
  });
});

describe("refuses, where one value can tell", () => {
  it.each([
    change("type: ticker", "type: tiker"),
    change("type: ticker", "type: ticker, evry: 5s"),
    change("type: ticker", "type: ticker, every: 5 parsecs"),
    change("type: ticker", "type: ticker, count: 0"),
    change("type: ticker", "type: ticker, codec: jsn"),
    change("type: ticker", "type: post"),
    change("inputs: [clock], ", ""),
    change('url: "https', 'buffer: { max: 1GiB }, url: "https'),
    change('url: "https', 'password: x, url: "https'),
    change('url: "https', 'user: x, token: y, url: "https'),
    change("sinks:", "sink:"),
    change("clock: {", "o'clock: {"),
  ])("%s", (text) => {
    expect(load(text).ok).toBe(false);
    expect(accepts(text)).toBe(false);
  });
});
