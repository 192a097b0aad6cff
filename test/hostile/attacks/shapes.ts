/** The body that a proxy and weir must not take for a request of its own: no event of it may ever arrive. */
const smuggled =
  'POST / HTTP/1.1\r\nHost: orchard\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n[{"smuggled":true}]';
const line = "POST / HTTP/1.1";
const host = "Host: orchard";
const json = "Content-Type: application/json";
const chunked = "Transfer-Encoding: chunked";

const request = (headers: readonly string[], body = "", start = line): string =>
  `${[start, ...headers].join("\r\n")}\r\n\r\n${body}`;

/** A chunked body that ends at once, and what follows it. */
const ended = (after: string): string => `0\r\n\r\n${after}`;
const lengthOf = (text: string): string => `Content-Length: ${Buffer.byteLength(text)}`;
const both = (transfer: string): string => request([host, json, lengthOf(ended(smuggled)), transfer], ended(smuggled));

/** Requests whose end, length or header lines two servers could read differently, and requests that are not HTTP. */
export const shapes: Readonly<Record<string, string>> = {
  "a length and chunked": both(chunked),
  "chunked and a length": request([host, json, chunked, "Content-Length: 4"], ended(smuggled)),
  "chunked with another case": both("Transfer-Encoding: cHuNkEd"),
  "chunked before a space": both("Transfer-Encoding: chunked "),
  "chunked after a tab": both("Transfer-Encoding:\tchunked"),
  "chunked after a vertical tab": both("Transfer-Encoding: \x0bchunked"),
  "chunked in quotes": both('Transfer-Encoding: "chunked"'),
  "a space before the colon": both("Transfer-Encoding : chunked"),
  "a header on a folded line": both("Transfer-Encoding:\r\n chunked"),
  "a folded header after another": request([host, "X: 1\r\n\tTransfer-Encoding: chunked", json], ended(smuggled)),
  "an unknown coding": both("Transfer-Encoding: xchunked"),
  "chunked, then identity": request([host, json, "Transfer-Encoding: chunked, identity"], ended(smuggled)),
  "identity, then chunked": both("Transfer-Encoding: identity, chunked"),
  "chunked twice": request([host, json, chunked, chunked], `${ended("")}${smuggled}`.slice(0, 40)),
  "chunked in HTTP/1.0": request([host, json, chunked], ended(smuggled), "POST / HTTP/1.0"),
  "two lengths": request([host, json, "Content-Length: 0", lengthOf(smuggled)], smuggled),
  "two lengths in one header": request([host, json, "Content-Length: 0, 140"], smuggled),
  "a negative length": request([host, json, "Content-Length: -1"], smuggled),
  "a length with a sign": request([host, json, "Content-Length: +0"], smuggled),
  "a length in hexadecimal": request([host, json, "Content-Length: 0x0"], smuggled),
  "a length with an underscore": request([host, json, "Content-Length: 1_0"], smuggled),
  "a length of 2^64": request([host, json, "Content-Length: 18446744073709551616"], smuggled),
  "a length of 2^63": request([host, json, "Content-Length: 9223372036854775808"], "[{}]"),
  "a chunk length that overflows": request([host, json, chunked], `fffffffffffffffff\r\n[${smuggled}`),
  "a negative chunk length": request([host, json, chunked], `-1\r\n${smuggled}`),
  "a chunk length in hexadecimal with 0x": request([host, json, chunked], `0x0\r\n\r\n${smuggled}`),
  "a chunk length with a space before it": request([host, json, chunked], ` 0\r\n\r\n${smuggled}`),
  "a chunk that ends with a line feed alone": request([host, json, chunked], `2\r\n[]\n${ended(smuggled)}`),
  "a chunk longer than its length": request([host, json, chunked], `1\r\n[]\r\n${ended(smuggled)}`),
  "a chunk extension with a line feed": request([host, json, chunked], `2;a\nx\r\n[]\r\n${ended(smuggled)}`),
  "line feeds without carriage returns": `${line}\n${host}\n${json}\nContent-Length: 0\n\n${smuggled}`,
  "a carriage return alone in a header": request([host, "X: 1\rContent-Length: 0", json], smuggled),
  "a NUL in a header": request([host, "X: a\0b", json, "Content-Length: 0"], smuggled),
  "a NUL in the path": request([host, "Content-Length: 0"], "", "POST /\0 HTTP/1.1"),
  "a header without a name": request([host, ": 1", "Content-Length: 0"]),
  "a header without a colon": request([host, "nonsense", "Content-Length: 0"]),
  "no host": request(["Content-Length: 0"]),
  "two hosts": request([host, "Host: grove", "Content-Length: 0"]),
  "a version of its own": request([host], "", "POST / HTTP/7.3"),
  "HTTP/0.9": "POST /\r\n\r\n",
  "the preface of HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
  "a method of 10,000 letters": request([host], "", `${"X".repeat(10_000)} / HTTP/1.1`),
  "a path of 100,000 letters": request([host], "", `POST /${"a".repeat(100_000)} HTTP/1.1`),
  "an upgrade to HTTP/2": request([host, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAA"]),
  "a tunnel": request([host], "", "CONNECT internal:22 HTTP/1.1"),
  "a proxy's request": request([host, "Content-Length: 0"], "", "POST http://internal/ HTTP/1.1"),
  "a TLS greeting": "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
  "an expectation of its own": request([host, "Expect: apples", "Content-Length: 4"], "[{}]"),
  "trailers that would be headers": request([host, json, chunked], "0\r\nContent-Length: 0\r\nHost: grove\r\n\r\n"),
};
