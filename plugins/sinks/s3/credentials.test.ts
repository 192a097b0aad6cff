import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../test/end-to-end/weir.ts";
import { receiver } from "../../../test/http/receiver.ts";
import { CredentialSource } from "./credentials.ts";

const { signal } = new AbortController();
const start = Date.UTC(2026, 0, 1);
const hour = 3_600_000;

const source = (environment: Readonly<Record<string, string>>, clock = { now: start }) =>
  new CredentialSource({ region: "eu-central-1", environment, now: () => clock.now });

/** Credentials that end an hour after the start, as ECS and EC2 lend them. */
const lent = (id: string, until = start + hour): string =>
  JSON.stringify({
    AccessKeyId: id,
    SecretAccessKey: "s",
    Token: "t",
    Expiration: new Date(until).toISOString().replace(".000", ""),
  });

it("takes those of the pipeline first, and then those of the environment", async () => {
  const environment = { AWS_ACCESS_KEY_ID: "env", AWS_SECRET_ACCESS_KEY: "s", AWS_SESSION_TOKEN: "t" };
  expect(await source(environment).get(signal)).toEqual({
    accessKeyId: "env",
    secretAccessKey: "s",
    sessionToken: "t",
  });
  const own = { accessKeyId: "own", secretAccessKey: "s" };
  const both = new CredentialSource({ region: "x", own, environment, now: () => start });
  expect(await both.get(signal)).toBe(own);
});

it("fetches those of a container again five minutes before they end, or when they were refused", async () => {
  const token = join(temporaryFolder(), "token");
  writeFileSync(token, "container-token\n");
  const clock = { now: start };
  const { origin, taken } = await receiver((_request, response) =>
    response.end(lent(`c${taken.length}`, start + taken.length * hour)),
  );
  const credentials = source(
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${origin}/creds?x=1`, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: token },
    clock,
  );
  const id = async () => (await credentials.get(signal)).accessKeyId;
  expect([await id(), await id()]).toEqual(["c1", "c1"]);
  expect(taken[0]).toMatchObject({ url: "/creds?x=1", headers: { authorization: "container-token" } });
  clock.now = start + hour - 4 * 60_000;
  expect([await id(), await id()]).toEqual(["c2", "c2"]);
  credentials.forget();
  expect(await id()).toBe("c3");
  credentials.close();
});

it("asks the instance for a token, its role, and the credentials of that", async () => {
  const answers: Readonly<Record<string, string>> = {
    "PUT /latest/api/token": "imds-token",
    "GET /latest/meta-data/iam/security-credentials/": "weir-role",
    "GET /latest/meta-data/iam/security-credentials/weir-role": lent("i1"),
  };
  const { origin, taken } = await receiver(({ method, url, headers }, response) => {
    const isKnown = method === "PUT" || headers["x-aws-ec2-metadata-token"] === "imds-token";
    response.writeHead(isKnown ? 200 : 401).end(answers[`${method} ${url}`]);
  });
  const credentials = source({ AWS_EC2_METADATA_SERVICE_ENDPOINT: `${origin}/` });
  expect(await credentials.get(signal)).toMatchObject({ accessKeyId: "i1", secretAccessKey: "s", sessionToken: "t" });
  expect(taken.map(({ method, url }) => `${method} ${url}`)).toEqual(Object.keys(answers));
  expect(taken[0]?.headers["x-aws-ec2-metadata-token-ttl-seconds"]).toBe("600");
  credentials.close();
});

it.each([
  ["an instance without a role", 404, "", /there are no credentials: set "auth".*answered 404/],
  ["nonsense", 200, "<html>", /there are no credentials.*did not answer with credentials/],
])("says what to do about %s", async (_what, status, body, message) => {
  const { origin } = await receiver((_request, response) => response.writeHead(status).end(body));
  const credentials = source({ AWS_EC2_METADATA_SERVICE_ENDPOINT: origin });
  await expect(credentials.get(signal)).rejects.toThrow(message);
  credentials.close();
});

it("does not ask an instance that must not be asked", async () => {
  await expect(source({ AWS_EC2_METADATA_DISABLED: "true" }).get(signal)).rejects.toThrow("there are no credentials");
});

it("shows what the service says that refuses a web identity", async () => {
  const token = join(temporaryFolder(), "token");
  writeFileSync(token, "a.b.c");
  const { origin, taken } = await receiver((_request, response) =>
    response
      .writeHead(403)
      .end("<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not authorized</Message></Error></ErrorResponse>"),
  );
  const credentials = source({
    AWS_WEB_IDENTITY_TOKEN_FILE: token,
    AWS_ROLE_ARN: "arn:aws:iam::1:role/x",
    AWS_ENDPOINT_URL_STS: origin,
  });
  await expect(credentials.get(signal)).rejects.toThrow(
    /answered 403 when it was asked for credentials: AccessDenied Not authorized/,
  );
  expect(Object.fromEntries(new URLSearchParams(taken[0]?.body.toString()))).toMatchObject({
    Action: "AssumeRoleWithWebIdentity",
    RoleArn: "arn:aws:iam::1:role/x",
    WebIdentityToken: "a.b.c",
  });
  credentials.close();
});
