// Writes ../jwe_jose.json: messages encrypted by the Node library jose.
//
// Every run uses fresh keys and IVs, so the texts differ, but the cases are the same.
// jose is found beside this file or in the folder that NODE_PATH names.
import { createPublicKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const { CompactEncrypt, base64url } = await import(pathToFileURL(require.resolve("jose")));

const VECTORS = new URL("../", import.meta.url);

const OBJECT = "{}";
const ORDINARY = '{"cardId":"TEST-CARD-0001","amount":15000,"currency":"KRW","retry":false}';
const KOREAN = '{"name":"시험 회원","memo":"커피 두 잔 ☕🎉"}';
const BIG = '{"memo":"' + "0123456789abcdef".repeat(1024).slice(0, 16 * 1024 - 11) + '"}';

const SHA256 = "RSA-OAEP-256";
const SHA1 = "RSA-OAEP";

function joseVersion() {
  // The entry point is .../jose/dist/webapi/index.js.
  const entry = pathToFileURL(require.resolve("jose"));
  return JSON.parse(readFileSync(new URL("../../package.json", entry), "utf8"));
}

// name, receiver, protected header (its member order is kept), plaintext
function* cases() {
  for (const [short, enc] of [["a128gcm", "A128GCM"], ["a256gcm", "A256GCM"]]) {
    const header = { enc, alg: SHA256 };

    yield [`${short}_enc_first`, "client", header, ORDINARY];
    yield [`${short}_alg_first`, "client", { alg: SHA256, enc }, ORDINARY];

    yield [`${short}_with_kid`, "client", { ...header, kid: "test-key-1" }, ORDINARY];
    yield [`${short}_with_typ`, "client", { typ: "JOSE", ...header }, ORDINARY];
    yield [`${short}_with_cty`, "client", { enc, cty: "json", alg: SHA256 }, ORDINARY];
    yield [
      `${short}_with_kid_typ_cty`,
      "client",
      { alg: SHA256, enc, kid: "시험-열쇠", typ: "JOSE", cty: "application/json" },
      KOREAN,
    ];

    yield [`${short}_empty_object`, "client", header, OBJECT];
    yield [`${short}_korean_and_emoji`, "client", header, KOREAN];
    yield [`${short}_1_byte`, "client", header, "7"];
    yield [`${short}_16_kib`, "client", header, BIG];

    yield [`${short}_for_server`, "server", header, ORDINARY];
    yield [`${short}_for_server_alg_first`, "server", { alg: SHA256, enc }, KOREAN];

    yield [`${short}_sha1_enc_first`, "client", { enc, alg: SHA1 }, ORDINARY];
    yield [`${short}_sha1_alg_first`, "client", { alg: SHA1, enc }, KOREAN];
    yield [`${short}_sha1_for_server`, "server", { enc, alg: SHA1 }, OBJECT];
  }
}

const out = [];
for (const [name, receiver, header, text] of cases()) {
  const key = createPublicKey(readFileSync(new URL(`keys/${receiver}.spki.pem`, VECTORS)));
  const plaintext = new TextEncoder().encode(text);
  const jwe = await new CompactEncrypt(plaintext).setProtectedHeader(header).encrypt(key);
  out.push({
    name,
    alg: header.alg,
    enc: header.enc,
    private_key: `${receiver}.pkcs8.pem`,
    // Read back from the message, so that it is the text that was really used.
    protected: new TextDecoder().decode(base64url.decode(jwe.split(".")[0])),
    plaintext_base64: Buffer.from(plaintext).toString("base64"),
    jwe,
    needs_rsa_oaep_sha1: header.alg === SHA1,
  });
}

const made_by = `make/jwe.mjs, Node ${process.versions.node}, jose ${joseVersion().version}`;
const file = new URL("jwe_jose.json", VECTORS);
writeFileSync(file, JSON.stringify({ made_by, cases: out }, null, 2) + "\n");
console.log(`jwe_jose.json: ${out.length} cases`);
