/** The module `node:http`. An `import` of it also loads the whole of undici, for a WebSocket, which takes 20 ms. */
export const http = process.getBuiltinModule("node:http");
