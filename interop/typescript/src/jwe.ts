// Encrypted bodies: compact JWE (RFC 7516). The library encrypts and decrypts. What it is lenient about
// is checked before, since a message that can be read in two ways is not read at all.

import type { KeyObject } from "node:crypto";
import { CompactEncrypt, compactDecrypt } from "jose";
import { namesTwice, objectOf, own, utf8 } from "./envelope.js";

const ALG = "RSA-OAEP-256";
const ENC = ["A128GCM", "A256GCM"];
/** Members of the header that change how a message is read. None of them is part of the protocol. */
const NOT_TAKEN = ["crit", "zip", "b64"];

/** A message could not be decrypted. There is one such error, whatever the reason. */
export class DecryptError extends Error {
  override readonly name = "DecryptError";

  constructor() {
    super("the encrypted message could not be decrypted");
  }
}

/** Encrypts a body for the owner of a key. */
export function encrypt(publicKey: KeyObject, plaintext: Uint8Array): Promise<string> {
  return new CompactEncrypt(plaintext)
    .setProtectedHeader({ enc: "A128GCM", alg: ALG })
    .encrypt(publicKey);
}

/**
 * Decrypts a message.
 *
 * @throws DecryptError
 */
export async function decrypt(privateKey: KeyObject, jwe: string): Promise<Uint8Array> {
  try {
    check(jwe, (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
    const { plaintext } = await compactDecrypt(jwe, privateKey, {
      keyManagementAlgorithms: [ALG],
      contentEncryptionAlgorithms: ENC,
    });
    return plaintext;
  } catch {
    throw new DecryptError();
  }
}

function check(jwe: string, keyLength: number): void {
  const parts = jwe.split(".").map(canonical);
  const [header, key, iv, ciphertext, tag] = parts;
  const lengths = [key?.length === keyLength, iv?.length === 12, tag?.length === 16];
  if (parts.length !== 5 || !header?.length || !ciphertext?.length || lengths.includes(false)) {
    throw new DecryptError();
  }
  const text = utf8(header);
  const members = objectOf(JSON.parse(text));
  const enc = own(members, "enc");
  if (own(members, "alg") !== ALG || typeof enc !== "string" || !ENC.includes(enc)) {
    throw new DecryptError();
  }
  if (NOT_TAKEN.some((name) => own(members, name) !== undefined)) throw new DecryptError();
  for (const path of namesTwice(text)) {
    if (path.length === 1) throw new DecryptError();
  }
}

/** The bytes of a part, if it is written in the one way that base64url without padding has for them. */
function canonical(part: string): Uint8Array {
  const bytes = Buffer.from(part, "base64url");
  if (bytes.toString("base64url") !== part) throw new DecryptError();
  return bytes;
}
