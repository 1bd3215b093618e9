package konaplate;

import com.google.gson.JsonObject;
import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWECryptoParts;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.crypto.RSADecrypter;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.util.Base64URL;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** Encrypts and decrypts bodies: compact JWE, RSA-OAEP-256 and AES-GCM. */
public final class Jwe {
    private static final JWEAlgorithm ALG = JWEAlgorithm.RSA_OAEP_256;
    private static final List<EncryptionMethod> ENC = List.of(EncryptionMethod.A128GCM, EncryptionMethod.A256GCM);
    /** Members that change how a message is read. */
    private static final List<String> CRITICAL = List.of("crit", "zip", "b64");
    /** The header of requests, with its members in the order that the platform documents. */
    private static final JWEHeader HEADER = header(
            EncryptionMethod.A128GCM, Base64URL.encode("{\"enc\":\"A128GCM\",\"alg\":\"RSA-OAEP-256\"}"));

    private Jwe() {}

    /**
     * Encrypts a plaintext.
     *
     * @param key the platform's public key
     * @param plaintext at least one byte
     * @return the compact JWE
     */
    public static String encrypt(RSAPublicKey key, byte[] plaintext) {
        try {
            JWECryptoParts parts = new RSAEncrypter(key).encrypt(HEADER, plaintext, aad(HEADER.toBase64URL()));
            Stream<Base64URL> compact = Stream.of(
                    HEADER.toBase64URL(),
                    parts.getEncryptedKey(),
                    parts.getInitializationVector(),
                    parts.getCipherText(),
                    parts.getAuthenticationTag());
            return String.join(".", compact.map(Base64URL::toString).toList());
        } catch (JOSEException e) {
            throw new IllegalStateException("the body could not be encrypted", e);
        }
    }

    /**
     * Decrypts a message.
     *
     * @param key the own private key
     * @param jwe the compact JWE
     * @return the plaintext
     * @throws GeneralSecurityException it could not be decrypted. The text is the same for every reason
     */
    public static byte[] decrypt(RSAPrivateKey key, String jwe) throws GeneralSecurityException {
        try {
            String[] parts = jwe.split("\\.", -1);
            require(parts.length == 5);
            Base64URL protectedHeader = new Base64URL(parts[0]);
            EncryptionMethod enc = contentEncryption(canonical(parts[0]));
            require(canonical(parts[1]).length == (key.getModulus().bitLength() + 7) / 8);
            require(canonical(parts[2]).length == 12);
            require(canonical(parts[3]).length > 0);
            require(canonical(parts[4]).length == 16);
            // The header is ours to read: the library is told what it says, and gets its bytes for the tag.
            Base64URL[] rest = Arrays.stream(parts).skip(1).map(Base64URL::new).toArray(Base64URL[]::new);
            return new RSADecrypter(key)
                    .decrypt(header(enc, protectedHeader), rest[0], rest[1], rest[2], rest[3], aad(protectedHeader));
        } catch (IOException | JOSEException | RuntimeException e) {
            throw new GeneralSecurityException("the encrypted message could not be decrypted");
        }
    }

    private static EncryptionMethod contentEncryption(byte[] header) throws IOException {
        String json = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(header)).toString();
        // Gson's reader skips a byte order mark.
        require(json.startsWith("{"));
        JsonObject members = Json.object(json, any -> true);
        require(CRITICAL.stream().noneMatch(members::has));
        require(Json.text(members, "alg").filter(ALG.getName()::equals).isPresent());
        String enc = Json.text(members, "enc").orElse("");
        return ENC.stream().filter(method -> method.getName().equals(enc)).findFirst().orElseThrow();
    }

    /** Base64url that is written in one way only: its alphabet, no padding, no bits that are not used. */
    private static byte[] canonical(String part) {
        byte[] bytes = Base64.getUrlDecoder().decode(part);
        require(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part));
        return bytes;
    }

    private static void require(boolean rule) {
        if (!rule) {
            throw new IllegalArgumentException();
        }
    }

    private static JWEHeader header(EncryptionMethod enc, Base64URL asItIs) {
        return new JWEHeader.Builder(ALG, enc).parsedBase64URL(asItIs).build();
    }

    private static byte[] aad(Base64URL protectedHeader) {
        return protectedHeader.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
