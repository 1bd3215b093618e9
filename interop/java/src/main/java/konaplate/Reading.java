package konaplate;

import java.security.GeneralSecurityException;
import java.security.interfaces.RSAPrivateKey;
import java.util.Optional;

/** What a response is, once it is decrypted. */
public sealed interface Reading {
    /**
     * The platform says success.
     *
     * @param json the plain body
     */
    record Success(byte[] json) implements Reading {}

    /**
     * The platform says failure.
     *
     * @param json the plain body
     * @param code {@code response.code}
     * @param delivery what the code proves
     */
    record Failure(byte[] json, String code, Delivery delivery) implements Reading {}

    /**
     * It is no response of the platform, and says nothing about the call.
     *
     * @param rule the rule that it breaks; nothing of its text
     */
    record Unexpected(String rule) implements Reading {}

    /**
     * Reads a response.
     *
     * @param path the path of the operation
     * @param status the HTTP status
     * @param body the bytes as they came
     * @param key decrypts, where they are encrypted
     * @return what it is
     */
    static Reading of(String path, int status, byte[] body, RSAPrivateKey key) {
        if (status >= 300 && status < 400) {
            return new Unexpected("a redirect is not followed");
        }
        byte[] plain = body;
        Optional<Envelope> envelope = Envelope.read(body);
        Optional<String> encData = envelope.flatMap(Envelope::encData);
        if (encData.isPresent()) {
            try {
                plain = Jwe.decrypt(key, encData.get());
            } catch (GeneralSecurityException e) {
                return new Unexpected("the encrypted body could not be decrypted");
            }
            envelope = Envelope.read(plain);
        }
        Optional<String> code = envelope.flatMap(Envelope::code);
        if (code.isEmpty()) {
            return new Unexpected("the body must be a JSON object with response.code");
        }
        if (!code.get().equals(Envelope.SUCCESS)) {
            return new Failure(plain, code.get(), Operations.verdict(path, status, code.get()));
        }
        if (status < 200 || status > 299) {
            return new Unexpected("the code of success needs a status of success");
        }
        return new Success(plain);
    }
}
