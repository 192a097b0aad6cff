import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { originPattern } from "./url-pattern.ts";

const takes = (url: string): boolean => new RegExp(`^${originPattern}(?:[/?].*)?$`, "u").test(url);

/** Hosts and ports that are nearly right. */
const nearly = fc
  .array(
    fc.oneof(fc.constantFrom(".", ":", "::", "[", "]", "-", "_", "0x", "256"), fc.stringMatching(/^[0-9a-fgx]{1,5}$/)),
    {
      maxLength: 9,
    },
  )
  .map((parts) => parts.join(""));

describe("the origin of a URL", () => {
  it("is one that a URL parser takes", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          nearly,
          nearly.map((host) => `[${host}]`),
        ),
        (host) => {
          const url = `http://${host}/path`;
          if (takes(url)) expect(URL.canParse(url), url).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("may have any address, name and port that there is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()), fc.integer({ min: 0, max: 99_999 }), (host, port) => {
        fc.pre(!/:.*\./.test(host));
        const written = host.includes(":") ? `[${host}]` : host;
        expect(takes(`https://${written}`), host).toBe(true);
        expect(takes(`https://${written}:${port}/`), `${host} ${port}`).toBe(port <= 65_535);
      }),
    );
  });

  it.each([
    "http://localhost",
    "http://collector_1:8080/",
    "http://7f3b9.pods.example.",
    "https://[::1]:9200?q=1",
    "https://[fe80::1:2]",
  ])("takes %s", (url) => expect(takes(url)).toBe(true));

  it.each([
    "ftp://example.org",
    "http://",
    "http://ada:secret@example.org",
    "http://1.2.3",
    "http://1.2.3.256",
    "http://example.0x1f/",
    "http://a..b",
    "http://[1:2]",
    "http://[::1]:x",
    "http://example.org:65536",
    "http://exa mple",
  ])("refuses %s", (url) => expect(takes(url)).toBe(false));
});
