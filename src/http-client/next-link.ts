/** The URL of `rel="next"` in a `Link` header (RFC 8288), resolved against the URL of the response; undefined without one. */
export const nextLink = (header: string | undefined, base: string): string | undefined => {
  for (const [, target = "", parameters = ""] of (header ?? "").matchAll(link)) {
    const relations = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters);
    const isNext = (relations?.[1] ?? relations?.[2] ?? "").toLowerCase().split(/\s+/).includes("next");
    if (isNext && URL.canParse(target, base)) return new URL(target, base).href;
  }
  return undefined;
};

const link = /<([^<>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]*))?)*)/g;
