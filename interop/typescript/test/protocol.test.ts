import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { test } from "node:test";
import {
  correlationId,
  decode,
  decrypt,
  DecryptError,
  encrypt,
  isCorrelationId,
  sign,
  timestamp,
  verdict,
} from "konaplate";
import { client, server } from "./platform.js";

const AT = Date.UTC(2026, 2, 15, 1, 45, 12, 345);
const bytes = (text: string) => new TextEncoder().encode(text);

test("the description's example is signed as it is there", () => {
  assert.equal(
    sign("a secret that was issued", bytes('{"sequenceId":"BANK-20260315-000001"}'), AT, "KST"),
    "KMV1:20260315104512345:oJFzr2Y6V+Tp3Lr8AFjerDGgUDUvMWYHw0Ydkig1zAw=",
  );
  assert.equal(timestamp(AT, "UTC"), "20260315014512345");
});

test("ids of one second differ", () => {
  const ids = Array.from({ length: 10_000 }, () => correlationId(AT, "KST"));
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.every((id) => isCorrelationId(id) && id.startsWith("260315104512-")));
});

test("what is encrypted has the two members of the header, and is decrypted by its owner alone", async () => {
  const jwe = await encrypt(createPublicKey(server.publicKey), bytes("{}"));
  const [header = ""] = jwe.split(".");
  assert.equal(atob(header), '{"enc":"A128GCM","alg":"RSA-OAEP-256"}');
  const plaintext = await decrypt(createPrivateKey(server.privateKey), jwe);
  assert.equal(Buffer.from(plaintext).toString(), "{}");
  await assert.rejects(decrypt(createPrivateKey(client.privateKey), jwe), DecryptError);
  await assert.rejects(decrypt(createPrivateKey(server.privateKey), `${jwe}=`), DecryptError);
});

test("an encrypted response is decrypted whatever its status is", async () => {
  const failure = bytes('{"response":{"code":"007_008"}}');
  const encData = await encrypt(createPublicKey(client.publicKey), failure);
  const decoded = await decode(createPrivateKey(client.privateKey), {
    path: "/api/v1/recharges/by-bank-accounts/no-hce",
    status: 400,
    body: bytes(JSON.stringify({ encData })),
  });
  assert.ok(decoded.kind === "failure");
  assert.deepEqual([decoded.code, decoded.delivery], ["007_008", "earlier-call"]);
});

test("a name that every object has is no code that proves anything", () => {
  const path = "/api/v1/recharges/by-bank-accounts/no-hce";
  for (const code of ["constructor", "__proto__", "toString", ""]) {
    assert.equal(verdict(path, 400, code), "maybe-processed");
  }
  assert.equal(verdict("constructor", 400, "007_008"), "maybe-processed");
});
