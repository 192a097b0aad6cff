import { expect, it } from "vitest";
import { maskText } from "./mask.ts";
import { plugins, sound } from "./testing/fixtures/sound.ts";

const withToken = (token: string) => `sinks:\n  out:\n    type: post\n    token: ${token}\n    url: x\n`;

it.each([
  ["hunter2", "*******"],
  ['"hunter 2"', "******* **"],
  ["'${env:TOKEN}'", "'${env:TOKEN}'"],
  ["a-${env:TOKEN}", "**************"],
  ["|\n      hunter\n      two", "*\n      ******\n      ***"],
])("stars out the secret %j and nothing else", (token, masked) => {
  expect(maskText(withToken(token), plugins)).toBe(withToken(masked));
});

it.each([
  ["http://ada:s3cr3t@example.org/a", "http://**********@example.org/a"],
  ['"https://ada@example.org"', '"https://***@example.org"'],
  ['"http://ada:\\x61b@example.org"', "*".repeat(30)],
  ["http://example.org:80/a@b", "http://example.org:80/a@b"],
  ["http://[::1]:80/a@b", "http://[::1]:80/a@b"],
])("stars out user and password of the URL %j", (url, masked) => {
  const withUrl = (text: string) => `sinks:\n  out:\n    type: post\n    url: ${text}\n`;
  expect(maskText(withUrl(url), plugins)).toBe(withUrl(masked));
});

it.each([
  ["tokn: hunter2"],
  ["auth: { basic: { password: hunter2 } }"],
  ["auth: hunter2"],
  ["proxy: { pass: [x, hunter2] }"],
  ["proxy: hunter2"],
  ["token: { value: hunter2 }"],
  ["token: [hunter2]"],
])("stars out what may be a secret with a wrong name or shape: %s", (option) => {
  for (const type of ["post", "pots"]) {
    const text = `sinks:\n  out:\n    type: ${type}\n    inputs: [some]\n    ${option}\n`;
    // Of an unknown plugin, only the names of options say what is secret.
    if (type === "post" || /token|auth|pass/.test(option)) expect(maskText(text, plugins)).not.toContain("hunter2");
    expect(maskText(text, plugins)).toContain(`type: ${type}\n    inputs: [some]`);
    const written = text.replace("hunter2", "'${env:TOKEN}'");
    expect(maskText(written, plugins)).toContain("'${env:TOKEN}'");
  }
});

it("leaves a pipeline without secrets as it is", () => {
  expect(maskText(sound, plugins)).toBe(sound);
});

it("does what it can with a file that is broken below", () => {
  expect(maskText(`${withToken("hunter2")}sources: [\n`, plugins)).not.toContain("hunter2");
  expect(maskText("- a\n- b\n", plugins)).toBe("- a\n- b\n");
});

it("masks a value that is a secret of one component and plain text in another", () => {
  const shared = "x-token: &token hunter2\nsinks:\n  out: { type: post, token: *token, url: x }\n";
  for (const text of [shared, `${shared}  other: { type: post, token: x, url: *token }\n`])
    expect(maskText(text, plugins)).not.toContain("hunter2");
});

it("leaves a text as it is that is YAML only in part", () => {
  const text = "a: &b 3\n? [{ <<: *b }]\n: 1\n";
  expect(maskText(text, plugins)).toBe(text);
});
