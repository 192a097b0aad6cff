import { RejectError } from "weir";

/**
 * The UTF-8 text in base64; `member` is where it was found, for the message.
 * @throws RejectError if it is not base64.
 */
export const textOfBase64 = (base64: string, member: string): string => {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  } catch {
    throw new RejectError(
      "not_base64",
      `"${member}" is not base64: it starts with ${JSON.stringify(base64.slice(0, 20))}`,
    );
  }
};
