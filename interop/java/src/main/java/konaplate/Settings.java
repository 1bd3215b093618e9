package konaplate;

import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import okhttp3.HttpUrl;

/** Where the platform is, and the keys of a project. */
public final class Settings {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1");

    final HttpUrl baseUrl;
    final String aspId;
    final String accessKey;
    final String secretKey;
    final String cryptoKeyId;
    final RSAPublicKey serverPublicKey;
    final RSAPrivateKey clientPrivateKey;

    /**
     * Settings by name.
     *
     * @param variables {@code KONAPLATE_BASE_URL}, {@code KONAPLATE_ASP_ID} (15 characters),
     *     {@code KONAPLATE_ACCESS_KEY} (40), {@code KONAPLATE_SECRET_KEY}, {@code KONAPLATE_CRYPTO_KEY_ID} (32),
     *     {@code KONAPLATE_SERVER_PUBLIC_KEY} (SPKI or X.509 certificate) and {@code KONAPLATE_CLIENT_PRIVATE_KEY}
     *     (PKCS#8); the keys as PEM or base64 of the DER, RSA of at least 2048 bits
     * @throws IllegalArgumentException one is missing or wrong. The text says which and why, never the value
     */
    public Settings(Map<String, String> variables) {
        baseUrl = read(variables, "KONAPLATE_BASE_URL", Settings::url);
        aspId = read(variables, "KONAPLATE_ASP_ID", text -> ofLength(text, 15));
        accessKey = read(variables, "KONAPLATE_ACCESS_KEY", text -> ofLength(text, 40));
        secretKey = read(variables, "KONAPLATE_SECRET_KEY", text -> text);
        cryptoKeyId = read(variables, "KONAPLATE_CRYPTO_KEY_ID", text -> ofLength(text, 32));
        serverPublicKey = read(variables, "KONAPLATE_SERVER_PUBLIC_KEY", Keys::publicKey);
        clientPrivateKey = read(variables, "KONAPLATE_CLIENT_PRIVATE_KEY", Keys::privateKey);
    }

    /**
     * Settings from the environment.
     *
     * @return the settings
     * @throws IllegalArgumentException a variable is missing or wrong
     */
    public static Settings fromEnvironment() {
        return new Settings(System.getenv());
    }

    /**
     * Where the platform is.
     *
     * @return the URL, without a slash at its end
     */
    public String baseUrl() {
        return baseUrl.toString().replaceAll("/+$", "");
    }

    /** Shows no key. */
    @Override
    public String toString() {
        return "Settings[" + baseUrl() + "]";
    }

    private static <T> T read(Map<String, String> variables, String name, Function<String, T> rule) {
        String value = variables.get(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException(name + " is not set");
        }
        try {
            return rule.apply(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " " + e.getMessage());
        }
    }

    private static String ofLength(String text, int length) {
        if (text.length() != length || !text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("must have " + length + " characters, ASCII without spaces");
        }
        return text;
    }

    private static HttpUrl url(String text) {
        HttpUrl url = HttpUrl.parse(text);
        if (url == null) {
            throw new IllegalArgumentException("must be a URL that starts with https:// or http://");
        }
        if (!url.isHttps() && !LOOPBACK.contains(url.host())) {
            throw new IllegalArgumentException("must start with https://: http:// is for this machine alone");
        }
        if (url.query() != null || url.fragment() != null || !url.username().isEmpty() || !url.password().isEmpty()) {
            throw new IllegalArgumentException("must end with its path, and hold no user");
        }
        return url;
    }
}
