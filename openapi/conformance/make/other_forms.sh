#!/bin/sh
# Makes keys/other-forms of the keys: what people hand over instead of a key file. Wants OpenSSL 3,
# ssh-keygen and Java's keytool.
set -eu
cd "$(dirname "$0")/../keys"
rm -rf other-forms
mkdir other-forms
pass=konaplate-test

openssl pkcs8 -topk8 -in client.pkcs8.pem -outform DER -v2 aes-256-cbc -passout pass:$pass \
    -out other-forms/encrypted.pkcs8.der
openssl rsa -in client.pkcs8.pem -traditional -aes256 -passout pass:$pass \
    -out other-forms/encrypted.pkcs1.pem 2>/dev/null
openssl pkcs12 -export -inkey client.pkcs8.pem -in client.cert.pem -name konaplate \
    -passout pass:$pass -out other-forms/client.p12
openssl req -new -key client.pkcs8.pem -subj /CN=konaplate-test -out other-forms/client.csr.pem
openssl req -in other-forms/client.csr.pem -outform DER -out other-forms/client.csr.der
openssl crl2pkcs7 -nocrl -certfile client.cert.pem -out other-forms/client.p7b.pem
openssl pkcs7 -in other-forms/client.p7b.pem -outform DER -out other-forms/client.p7b.der
openssl ec -in ec.pkcs8.pem -outform DER -out other-forms/ec.sec1.der 2>/dev/null

cp client.pkcs8.pem other-forms/openssh
chmod 600 other-forms/openssh
ssh-keygen -q -p -N '' -f other-forms/openssh
ssh-keygen -y -f other-forms/openssh >other-forms/openssh.pub
# Without the comment, which names the machine.
ssh-keygen -e -m RFC4716 -f other-forms/openssh.pub | sed '/^Comment/d' >other-forms/ssh2.pub
chmod 644 other-forms/openssh

chmod 644 other-forms/*
keytool -importkeystore -noprompt -srckeystore other-forms/client.p12 -srcstorepass $pass \
    -destkeystore other-forms/client.jks -deststoretype jks -deststorepass $pass 2>/dev/null
