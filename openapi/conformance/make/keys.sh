#!/usr/bin/env bash
# Makes the test keys in ../keys with the openssl command line tool (OpenSSL 3).
#
# Every run makes NEW keys, so the jwe_*.json files must be made again after it.
set -euo pipefail

cd "$(dirname "$0")/../keys"

PASSPHRASE=konaplate-test # for encrypted.pkcs8.pem only, also given in README.md
DAYS=36524                # 100 years (2100 is no leap year)

# A certificate for a key: NAME, common name, key usage. Writes NAME.cert.pem.
certificate() {
  openssl req -x509 -new -sha256 -days "$DAYS" \
    -key "$1.pkcs8.pem" -subj "/CN=$2" -out "$1.cert.pem" \
    -config <(printf '%s\n' \
      '[req]' 'distinguished_name = dn' 'x509_extensions = ext' 'prompt = no' \
      '[dn]' \
      '[ext]' 'basicConstraints = critical, CA:FALSE' \
      "keyUsage = critical, $3" 'subjectKeyIdentifier = hash')
}

# An RSA key: NAME, bits. Writes NAME.pkcs8.pem and NAME.spki.pem.
rsa_key() {
  openssl genpkey -quiet -algorithm RSA -pkeyopt "rsa_keygen_bits:$2" -out "$1.pkcs8.pem"
  openssl pkey -in "$1.pkcs8.pem" -pubout -out "$1.spki.pem"
}

# server and client: the same key in every form.
for name in server client; do
  rsa_key "$name" 2048

  openssl pkcs8 -topk8 -nocrypt -in "$name.pkcs8.pem" -outform DER -out "$name.pkcs8.der"
  openssl rsa -in "$name.pkcs8.pem" -traditional -out "$name.pkcs1.pem"
  openssl rsa -in "$name.pkcs8.pem" -traditional -outform DER -out "$name.pkcs1.der"

  openssl pkey -in "$name.pkcs8.pem" -pubout -outform DER -out "$name.spki.der"
  openssl rsa -in "$name.pkcs8.pem" -RSAPublicKey_out -out "$name.pkcs1-public.pem"
  openssl rsa -in "$name.pkcs8.pem" -RSAPublicKey_out -outform DER -out "$name.pkcs1-public.der"

  certificate "$name" "konaplate test $name" keyEncipherment
  openssl x509 -in "$name.cert.pem" -outform DER -out "$name.cert.der"
done

# A third key, for messages meant for somebody else.
rsa_key other 2048

# Keys that must be refused.
rsa_key rsa1024 1024

openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pkcs8.pem
openssl pkey -in ec.pkcs8.pem -pubout -out ec.spki.pem
certificate ec "konaplate test ec" digitalSignature

openssl pkcs8 -topk8 -v2 aes-256-cbc -in client.pkcs8.pem \
  -passout "pass:$PASSPHRASE" -out encrypted.pkcs8.pem

# The client key without the second half of its base64 lines. What is left is
# good base64, but the DER inside it ends too early. The END line is kept.
lines=$(grep -vc -- '-----' client.pkcs8.pem)
awk -v keep="$((lines / 2))" \
  '/-----/ { print; next } n < keep { print; n++ }' client.pkcs8.pem > truncated.pkcs8.pem

chmod 644 ./*.pem ./*.der
echo "New keys made. Now make the jwe_*.json files again: jwe.mjs, jwe.py, jwe_negative.py."
