import { type Config, option } from "weir";
import { authorization } from "weir/http";

const options = {
  user: option.optional(option.text("User name for HTTP basic authentication."), { excludes: ["api_key", "token"] }),
  password: option.optional(option.secret("Password of `user`; empty if not set."), { needs: ["user"] }),
  api_key: option.optional(option.secret("API key: the encoded form that Kibana shows, or `id:key`."), {
    excludes: ["token"],
  }),
  token: option.optional(option.secret("Bearer token, for example of a service account.")),
};

export const authOption = option.group(options)("Credentials: a user and password, an API key, or a token.");
export type Auth = Config<typeof options>;

/** The value of the `Authorization` header; undefined without credentials. */
export const credentials = ({ api_key: key, ...auth }: Auth): string | undefined =>
  key === undefined ? authorization(auth) : `ApiKey ${key.includes(":") ? Buffer.from(key).toString("base64") : key}`;
