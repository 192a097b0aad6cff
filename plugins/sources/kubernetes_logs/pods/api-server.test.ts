import { expect, it } from "vitest";
import { apiServerOf, authorizationFrom } from "./api-server.ts";

const account = "/var/run/secrets/kubernetes.io/serviceaccount";

it.each([
  ["10.0.0.1", "https://10.0.0.1:443"],
  ["fd00::1", "https://[fd00::1]:443"],
])("is that of the pod, with the service account: %s", (host, url) => {
  const environment = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: "443" };
  expect(apiServerOf({ tls: {} }, environment)).toEqual({
    url,
    tokenFile: `${account}/token`,
    tls: { ca: `${account}/ca.crt` },
  });
  expect(apiServerOf({ token_file: "/t", tls: { ca: "/ca" } }, environment)).toEqual({
    url,
    tokenFile: "/t",
    tls: { ca: "/ca" },
  });
});

it("is the one of the options, which gets no token of the service account", () =>
  expect(apiServerOf({ server: "https://example.org/k8s/", tls: {} }, { KUBERNETES_SERVICE_HOST: "x" })).toEqual({
    url: "https://example.org/k8s",
    tokenFile: undefined,
    tls: {},
  }));

it("must be given outside of a pod", () =>
  expect(() => apiServerOf({ tls: {} }, {})).toThrow(/does not run in a pod.*set "metadata\.server"/));

it("hints at what keeps the token of the service account from being there", async () => {
  const words = `cannot read "${account}/token", the file with the token: ENOENT`;
  await expect(authorizationFrom(`${account}/token`)).rejects.toThrow(words);
  await expect(authorizationFrom(`${account}/token`)).rejects.toThrow(/; is automountServiceAccountToken off\?$/);
  await expect(authorizationFrom("/no/such/file")).rejects.not.toThrow("automount");
});
