package konaplate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** Invented credentials, and keys that are made for each run. */
final class Fixture {
    static final String TOKEN_PATH = "/api/v2/payment/generate/onetimetoken";
    static final String MEMBER_PATH = "/api/v1/user/info";
    static final String RECHARGE_PATH = "/api/v1/recharges/by-bank-accounts/no-hce";
    static final String SECRET = "a secret that was issued";
    static final KeyPair SERVER = pair(2048);
    static final KeyPair CLIENT = pair(2048);

    private Fixture() {}

    static KeyPair pair(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static Map<String, String> variables(String baseUrl) {
        Map<String, String> variables = new HashMap<>();
        variables.put("KONAPLATE_BASE_URL", baseUrl);
        variables.put("KONAPLATE_ASP_ID", "000170000000000");
        variables.put("KONAPLATE_ACCESS_KEY", "0a1b2c3-0123456789abcdef0123456789abcdef");
        variables.put("KONAPLATE_SECRET_KEY", SECRET);
        variables.put("KONAPLATE_CRYPTO_KEY_ID", "0123456789abcdef0123456789abcdef");
        variables.put("KONAPLATE_SERVER_PUBLIC_KEY", base64(SERVER.getPublic()));
        variables.put("KONAPLATE_CLIENT_PRIVATE_KEY", base64(CLIENT.getPrivate()));
        return variables;
    }

    static String base64(Key key) {
        return Base64.getEncoder().encodeToString(key.getEncoded());
    }

    static String decrypted(String jwe) throws GeneralSecurityException {
        return new String(Jwe.decrypt((RSAPrivateKey) SERVER.getPrivate(), jwe), StandardCharsets.UTF_8);
    }

    static String encrypted(String json) {
        byte[] plaintext = json.getBytes(StandardCharsets.UTF_8);
        return "{\"encData\":\"" + Jwe.encrypt((RSAPublicKey) CLIENT.getPublic(), plaintext) + "\"}";
    }

    static Response post(OkHttpClient http, String url, String json) throws IOException {
        RequestBody body = RequestBody.create(json, SignedBody.JSON);
        return http.newCall(new Request.Builder().url(url).post(body).build()).execute();
    }
}
