/**
 * The module `node:http`, loaded when it is used: that takes 20 ms. So long again takes an `import` of it, which also loads the whole
 * of undici, for a WebSocket.
 */
export const http = new Proxy({} as typeof import("node:http"), {
  get: (_, name) => Reflect.get(process.getBuiltinModule("node:http"), name),
});
