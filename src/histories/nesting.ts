const quote = 0x22;
const backslash = 0x5c;

/**
 * Whether objects and arrays in a JSON text are nested deeper than this. It is found without parsing it: for many levels, that
 * takes much memory.
 */
export const isNestedDeeper = (text: string, levels: number): boolean => {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (isText) {
      if (unit === backslash) at++;
      else if (unit === quote) isText = false;
    } else if (unit === quote) isText = true;
    // [ and {, ] and }.
    else if (unit === 0x5b || unit === 0x7b) {
      if (++depth > levels) return true;
    } else if (unit === 0x5d || unit === 0x7d) depth--;
  }
  return false;
};
