import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pathFields } from "./path-fields.ts";

const id = "0123456789abcdef".repeat(4);
const link = `/var/log/containers/web-7d9_shop_nginx-${id}.log`;
const log = "/var/log/pods/shop_web-7d9_5c3f1a9e-0b11/nginx/3.log";

describe("the fields of a file", () => {
  it("are its path", () => {
    expect(pathFields("/var/log/app.log")).toEqual({ log: { file: { path: "/var/log/app.log" } } });
  });

  it("name the pod and the container of a log in a directory of the kubelet", () => {
    expect(pathFields(log)).toEqual({
      log: { file: { path: log } },
      kubernetes: {
        namespace: "shop",
        pod: { name: "web-7d9", uid: "5c3f1a9e-0b11" },
        container: { name: "nginx" },
      },
    });
  });

  it("name the container of a link of the kubelet, and all of it if the link leads to such a directory", () => {
    const kubernetes = { namespace: "shop", pod: { name: "web-7d9" }, container: { name: "nginx" } };
    expect(pathFields(link)).toEqual({ log: { file: { path: link } }, kubernetes, container: { id } });
    expect(pathFields(log, link)).toEqual({ ...pathFields(log), container: { id } });
    expect(pathFields("/var/lib/docker/containers/x/x-json.log", link)).toMatchObject({
      kubernetes,
      container: { id },
    });
  });

  it.each([
    "/var/log/pods/shop_web/nginx/0.log",
    "/var/log/pods/shop_web_uid_more/nginx/0.log",
    "/var/log/pods/shop_web_uid/0.log",
    "/var/log/other/shop_web_uid/nginx/0.log",
    `/var/log/containers/web_shop_-${id}.log`,
    `/var/log/containers/web_shop_nginx-${id.slice(1)}.log`,
    `/var/log/containers/web_shop_nginx-${id}.txt`,
    "/var/log/containers/web_shop_nginx.log",
    "",
    "/",
  ])("of %j are no more than that", (path) => {
    expect(pathFields(path)).toEqual({ log: { file: { path } } });
  });

  it("are those that the path was made of", () => {
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?$/);
    fc.assert(
      fc.property(name, name, name, name, (namespace, pod, uid, container) => {
        const path = `/var/log/pods/${namespace}_${pod}_${uid}/${container}/0.log`;
        const found = { namespace, pod: { name: pod, uid }, container: { name: container } };
        expect(pathFields(path)["kubernetes"]).toEqual(found);
        const linked = pathFields("/a", `/var/log/containers/${pod}_${namespace}_${container}-${id}.log`);
        expect(linked).toMatchObject({ kubernetes: { namespace, container: { name: container } }, container: { id } });
      }),
    );
  });
});
