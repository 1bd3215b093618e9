package konaplate;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.cert.CertificateFactory;
import java.security.interfaces.RSAKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/** Reads RSA keys: PEM, or base64 of the DER. What it throws says the rule, and nothing of the key. */
final class Keys {
    private static final int MIN_BITS = 2048;

    private Keys() {}

    static RSAPublicKey publicKey(String text) {
        byte[] der = der(text);
        Key key;
        try {
            key = KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(der));
        } catch (GeneralSecurityException noKey) {
            try {
                key = CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(der))
                        .getPublicKey();
            } catch (GeneralSecurityException e) {
                throw new IllegalArgumentException("must be an RSA public key (SPKI) or an X.509 certificate");
            }
        }
        return longEnough(key, RSAPublicKey.class);
    }

    static RSAPrivateKey privateKey(String text) {
        try {
            Key key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der(text)));
            return longEnough(key, RSAPrivateKey.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("must be an RSA private key in PKCS#8, without a passphrase");
        }
    }

    private static byte[] der(String text) {
        try {
            String base64 = text.replaceAll("-----(BEGIN|END) (CERTIFICATE|PUBLIC KEY|PRIVATE KEY)-----", "")
                    .replace("\\n", "")
                    .replaceAll("\\s", "");
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("must be PEM or base64 of DER");
        }
    }

    private static <K extends RSAKey> K longEnough(Key key, Class<K> kind) {
        if (!kind.isInstance(key) || kind.cast(key).getModulus().bitLength() < MIN_BITS) {
            throw new IllegalArgumentException("must be an RSA key of at least 2048 bits");
        }
        return kind.cast(key);
    }
}
