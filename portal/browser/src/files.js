// A server of files, as plain as there are: what a page of the static site can rely on.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

/** Serves a folder below a path, on a port of its own. */
export async function serve(folder, below) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://127.0.0.1");
    const path = decodeURIComponent(pathname);
    const file = join(folder, normalize(path.slice(below.length)), path.endsWith("/") ? "index.html" : "");
    try {
      if (!path.startsWith(`${below}/`)) throw new Error("not below");
      const body = await readFile(file);
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${server.address().port}${below}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
