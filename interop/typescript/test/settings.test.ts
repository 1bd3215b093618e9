import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import { Settings, SettingsError, type SettingsInit } from "konaplate";
import { client, init, server } from "./platform.js";

const der = (pem: string) => pem.replace(/-----.*-----|\s/g, "");

const env = {
  KONAPLATE_BASE_URL: init.baseUrl,
  KONAPLATE_ASP_ID: init.aspId,
  KONAPLATE_ACCESS_KEY: init.accessKey,
  KONAPLATE_SECRET_KEY: init.secretKey,
  KONAPLATE_CRYPTO_KEY_ID: init.cryptoKeyId,
  KONAPLATE_SERVER_PUBLIC_KEY: der(server.publicKey),
  KONAPLATE_CLIENT_PRIVATE_KEY: der(client.privateKey),
};

test("keys are PEM or base64 of DER, from options or variables", () => {
  const escaped = client.privateKey.replaceAll("\n", "\\n");
  for (const clientPrivateKey of [client.privateKey, der(client.privateKey), escaped]) {
    assert.equal(new Settings({ ...init, clientPrivateKey }).credentials.aspId, init.aspId);
  }
  const settings = Settings.fromEnv(env);
  assert.equal(settings.timeZone, "KST");
  const { secretKey, serverPublicKey } = settings.credentials;
  assert.equal(secretKey, init.secretKey);
  assert.ok(serverPublicKey.equals(new Settings(init).credentials.serverPublicKey));
});

test("nothing secret is shown", () => {
  const settings = new Settings(init);
  const shown = inspect(settings, { depth: 9, showHidden: true }) + JSON.stringify(settings);
  for (const secret of [init.secretKey, init.accessKey, init.cryptoKeyId, der(client.privateKey)]) {
    assert.ok(!shown.includes(secret));
  }
});

test("what is wrong is named with its rule, and its value is not", () => {
  const small = generateKeyPairSync("rsa", {
    modulusLength: 1024,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const ec = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const wrong: [keyof SettingsInit, string, RegExp][] = [
    ["baseUrl", "", /is missing/],
    ["baseUrl", "platform.example", /must be a URL/],
    ["baseUrl", "ftp://platform.example", /https/],
    ["baseUrl", "http://platform.example", /https/],
    ["baseUrl", "https://user:pass@platform.example", /no user name/],
    ["baseUrl", "https://platform.example?a=b", /no query/],
    ["aspId", "00017000000000", /15 visible/],
    ["accessKey", "5a4db0c-0123456789abcdef0123456789abcde\n", /40 visible/],
    ["secretKey", " hush", /blank/],
    ["secretKey", "line\nbreak", /nobody sees/],
    ["cryptoKeyId", "short", /32 visible/],
    ["serverPublicKey", "nonsense!", /base64 of DER/],
    ["serverPublicKey", client.privateKey, /RSA public key/],
    ["serverPublicKey", ec.publicKey, /RSA public key/],
    ["serverPublicKey", small.publicKey, /2048 bits/],
    ["clientPrivateKey", server.publicKey, /PKCS#8/],
    ["clientPrivateKey", small.privateKey, /PKCS#8/],
    ["clientPrivateKey", ec.privateKey, /PKCS#8/],
    ["timeZone", "CET", /KST or UTC/],
  ];
  for (const [name, value, rule] of wrong) {
    assert.throws(
      () => new Settings({ ...init, [name]: value }),
      (error) => {
        assert.ok(error instanceof SettingsError);
        assert.equal(error.setting, name);
        assert.match(error.rule, rule);
        assert.ok(value.length < 3 || !inspect(error).includes(value));
        return true;
      },
      `${name} ${rule}`,
    );
  }
  assert.throws(() => Settings.fromEnv({}), { message: "KONAPLATE_BASE_URL: is not set" });
  assert.throws(() => Settings.fromEnv({ ...env, KONAPLATE_ASP_ID: "?" }), {
    message: "KONAPLATE_ASP_ID: must have 15 visible ASCII characters",
  });
});
