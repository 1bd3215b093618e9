// A platform for the tests: takes requests as bytes, and sends back what a test says.

import { generateKeyPairSync } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { Settings, type SettingsInit } from "konaplate";

const pair = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });

export const server = pair();
export const client = pair();

export const init: SettingsInit = {
  baseUrl: "https://platform.example/open-api",
  aspId: "000170000000000",
  accessKey: "5a4db0c-0123456789abcdef0123456789abcdef",
  secretKey: "a secret that was issued",
  cryptoKeyId: "5a4db0c0000000000000000000000001",
  serverPublicKey: server.publicKey,
  clientPrivateKey: client.privateKey,
};

export interface Received {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

type Respond = (response: ServerResponse, request: Received) => void;

/** Listens until the test ends. The base URL has a prefix, as the vendor's has. */
export async function platform(test: TestContext, respond: Respond) {
  const received: Received[] = [];
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url, headers } = request;
      const came = { method, url, headers, body: Buffer.concat(chunks) };
      received.push(came);
      respond(response, came);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    http.closeAllConnections();
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  const settings = new Settings({ ...init, baseUrl: `http://127.0.0.1:${port}/open-api` });
  return { received, settings };
}

export const json = (status: number, body: unknown, headers = {}): Respond => (response) => {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
};

export const success = json(200, { response: { code: "000_000", description: "Success" } });
