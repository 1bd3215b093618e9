// Where the platform is, and the keys of a project.

import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { SettingsError } from "./errors.js";
import type { TimeZone } from "./sign.js";

/** What settings are made from. Keys are PEM, or base64 of DER. */
export interface SettingsInit {
  /** `https://…/open-api`. Plain HTTP is taken for this machine alone. */
  baseUrl: string;
  /** 15 characters. */
  aspId: string;
  /** 40 characters. */
  accessKey: string;
  secretKey: string;
  /** 32 characters. */
  cryptoKeyId: string;
  /** The platform's RSA key: SubjectPublicKeyInfo or an X.509 certificate. */
  serverPublicKey: string;
  /** Your own RSA key: PKCS#8. */
  clientPrivateKey: string;
  /** Default: KST. */
  timeZone?: TimeZone;
}

const VARIABLES = {
  baseUrl: "KONAPLATE_BASE_URL",
  aspId: "KONAPLATE_ASP_ID",
  accessKey: "KONAPLATE_ACCESS_KEY",
  secretKey: "KONAPLATE_SECRET_KEY",
  cryptoKeyId: "KONAPLATE_CRYPTO_KEY_ID",
  serverPublicKey: "KONAPLATE_SERVER_PUBLIC_KEY",
  clientPrivateKey: "KONAPLATE_CLIENT_PRIVATE_KEY",
} as const;

type Name = keyof typeof VARIABLES;

/** Who calls, and the keys. */
export interface Credentials {
  readonly aspId: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly cryptoKeyId: string;
  readonly serverPublicKey: KeyObject;
  readonly clientPrivateKey: KeyObject;
}

/** Checked settings. The credentials are neither inspected nor turned into JSON with them. */
export class Settings {
  readonly baseUrl: string;
  readonly timeZone: TimeZone;
  readonly #credentials: Credentials;

  /** @throws SettingsError */
  constructor(init: SettingsInit) {
    this.baseUrl = checked(init, "baseUrl", baseUrlRule).replace(/\/+$/, "");
    this.#credentials = {
      aspId: checked(init, "aspId", ofLength(15)),
      accessKey: checked(init, "accessKey", ofLength(40)),
      secretKey: checked(init, "secretKey", seen),
      cryptoKeyId: checked(init, "cryptoKeyId", ofLength(32)),
      serverPublicKey: key(init, "serverPublicKey", readPublicKey),
      clientPrivateKey: key(init, "clientPrivateKey", readPrivateKey),
    };
    this.timeZone = init.timeZone ?? "KST";
    if (this.timeZone !== "KST" && this.timeZone !== "UTC") {
      throw new SettingsError("timeZone", "must be KST or UTC");
    }
  }

  /**
   * Reads the seven variables `KONAPLATE_…`.
   *
   * @throws SettingsError, which names the variable.
   */
  static fromEnv(env: Record<string, string | undefined> = process.env): Settings {
    const entries = Object.entries(VARIABLES).map(([name, variable]) => {
      const value = env[variable];
      if (!value) throw new SettingsError(variable, "is not set");
      return [name, value];
    });
    try {
      return new Settings(Object.fromEntries(entries) as Record<Name, string>);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      throw new SettingsError(VARIABLES[error.setting as Name] ?? error.setting, error.rule);
    }
  }

  /** For the middleware, and for whoever signs by hand. */
  get credentials(): Credentials {
    return this.#credentials;
  }
}

type Rule = (text: string) => string | undefined;

function checked(init: SettingsInit, name: Name, rule: Rule): string {
  const text: unknown = init[name];
  if (typeof text !== "string" || text === "") throw new SettingsError(name, "is missing");
  const broken = rule(text);
  if (broken !== undefined) throw new SettingsError(name, broken);
  return text;
}

function ofLength(length: number): Rule {
  return (text) =>
    text.length === length && /^[!-~]*$/.test(text)
      ? undefined
      : `must have ${length} visible ASCII characters`;
}

/** What is copied with a blank or a line break signs what nobody can verify. */
function seen(text: string): string | undefined {
  return /^\s|\s$|\p{Cc}|\p{Cf}/u.test(text)
    ? "must not begin or end with a blank, or have characters that nobody sees"
    : undefined;
}

function baseUrlRule(text: string): string | undefined {
  if (!URL.canParse(text)) return "must be a URL";
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return "must start with https://";
  if (url.username || url.password) return "must have no user name and no password";
  if (url.search || url.hash) return "must have no query and no fragment";
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  return url.protocol === "http:" && !isLoopback ? "must start with https://" : undefined;
}

function key(init: SettingsInit, name: Name, read: (text: string) => KeyObject): KeyObject {
  const text = checked(init, name, () => undefined);
  let found: KeyObject;
  try {
    found = read(text);
  } catch {
    // What the library says of it may be a part of it.
    const form =
      read === readPublicKey
        ? "an RSA public key: SubjectPublicKeyInfo or an X.509 certificate"
        : "an RSA private key: PKCS#8 without a passphrase";
    throw new SettingsError(name, `must be ${form}, as PEM or as base64 of DER`);
  }
  if ((found.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) {
    throw new SettingsError(name, "must have at least 2048 bits");
  }
  return found;
}

/** Reads a public RSA key, or that of a certificate. */
export function readPublicKey(text: string): KeyObject {
  const { label, der } = keyBytes(text);
  const isCertificate = label === "CERTIFICATE" || (label === null && isX509(der));
  if (!isCertificate && label !== null && label !== "PUBLIC KEY") throw new TypeError("another key");
  return rsa(
    isCertificate
      ? new X509Certificate(der).publicKey
      : createPublicKey({ key: der, format: "der", type: "spki" }),
  );
}

/** Reads a private RSA key. */
export function readPrivateKey(text: string): KeyObject {
  const { label, der } = keyBytes(text);
  if (label !== null && label !== "PRIVATE KEY") throw new TypeError("another key");
  return rsa(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
}

function rsa(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== "rsa") throw new TypeError("no RSA key");
  return key;
}

function isX509(der: Buffer): boolean {
  try {
    return new X509Certificate(der).publicKey !== undefined;
  } catch {
    return false;
  }
}

function keyBytes(text: string): { label: string | null; der: Buffer } {
  // In a variable, line breaks are often written as two characters.
  const lines = text.replaceAll("\\n", "\n").trim();
  const pem = /^-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----$/.exec(lines);
  const base64 = (pem?.[2] ?? lines).replace(/\s/g, "");
  const der = Buffer.from(base64, "base64");
  // Buffer skips what is no base64.
  if (der.toString("base64") !== base64) throw new TypeError("no base64");
  return { label: pem?.[1] ?? null, der };
}
