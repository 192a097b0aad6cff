const lineFeed = 10;

/** The lines of a body that arrives in parts, without the one that is not complete at its end. Throws `tooLong` at a longer one. */
export async function* linesOf(
  body: AsyncIterable<Buffer>,
  longest: number,
  tooLong: () => Error,
): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const part of body) {
    let start = 0;
    for (let end = part.indexOf(lineFeed); end >= 0; end = part.indexOf(lineFeed, start)) {
      if (length + end - start > longest) throw tooLong();
      const line = Buffer.concat([...parts, part.subarray(start, end)]).toString("utf8");
      parts = [];
      length = 0;
      start = end + 1;
      if (line.trim() !== "") yield line;
    }
    parts.push(part.subarray(start));
    length += part.length - start;
    if (length > longest) throw tooLong();
  }
}
