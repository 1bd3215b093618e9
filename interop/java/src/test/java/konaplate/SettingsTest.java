package konaplate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.Key;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
    private static void assertRefused(String name, String value, String rule) {
        Map<String, String> variables = Fixture.variables("https://platform.example/open-api");
        variables.put(name, value);
        String message = assertThrows(IllegalArgumentException.class, () -> new Settings(variables)).getMessage();
        assertTrue(message.startsWith(name + " ") && message.contains(rule), message);
        assertTrue(value.isEmpty() || !message.contains(value), message);
    }

    @Test
    void whatIsWrongIsNamedAndNotShown() {
        for (String name : Fixture.variables("https://platform.example").keySet()) {
            assertRefused(name, "", "is not set");
        }
        assertRefused("KONAPLATE_BASE_URL", "platform.example", "must be a URL");
        assertRefused("KONAPLATE_BASE_URL", "http://platform.example", "https://");
        assertRefused("KONAPLATE_BASE_URL", "https://platform.example/?a=1", "path");
        assertRefused("KONAPLATE_ASP_ID", "00017000000000", "15 characters");
        assertRefused("KONAPLATE_ACCESS_KEY", "0a1b2c3-0123456789abcdef0123456789abcde\n", "40 characters");
        assertRefused("KONAPLATE_CRYPTO_KEY_ID", "0123", "32 characters");
        assertRefused("KONAPLATE_SERVER_PUBLIC_KEY", "%%%%", "PEM");
        assertRefused("KONAPLATE_SERVER_PUBLIC_KEY", Fixture.base64(Fixture.SERVER.getPrivate()), "SPKI");
        assertRefused("KONAPLATE_SERVER_PUBLIC_KEY", Fixture.base64(Fixture.pair(1024).getPublic()), "2048 bits");
        assertRefused("KONAPLATE_CLIENT_PRIVATE_KEY", Fixture.base64(Fixture.SERVER.getPublic()), "PKCS#8");
        assertRefused("KONAPLATE_CLIENT_PRIVATE_KEY", Fixture.base64(Fixture.pair(1024).getPrivate()), "2048 bits");
    }

    @Test
    void keysMayBePem() {
        for (String lineEnd : new String[] {"\n", "\r\n", "\\n"}) {
            Map<String, String> variables = Fixture.variables("https://platform.example/open-api/");
            variables.put("KONAPLATE_SERVER_PUBLIC_KEY", pem("PUBLIC KEY", Fixture.SERVER.getPublic(), lineEnd));
            variables.put("KONAPLATE_CLIENT_PRIVATE_KEY", pem("PRIVATE KEY", Fixture.CLIENT.getPrivate(), lineEnd));
            Settings settings = new Settings(variables);
            assertEquals(Fixture.SERVER.getPublic(), settings.serverPublicKey);
            assertEquals(Fixture.CLIENT.getPrivate(), settings.clientPrivateKey);
            assertEquals("https://platform.example/open-api", settings.baseUrl());
        }
    }

    @Test
    void settingsShowNoKey() {
        Map<String, String> variables = Fixture.variables("https://platform.example");
        String shown = new Settings(variables).toString();
        assertEquals("Settings[https://platform.example]", shown);
        assertFalse(shown.contains(Fixture.SECRET));
    }

    private static String pem(String label, Key key, String lineEnd) {
        String body = Base64.getMimeEncoder().encodeToString(key.getEncoded()).replace("\r\n", lineEnd);
        return "-----BEGIN " + label + "-----" + lineEnd + body + lineEnd + "-----END " + label + "-----" + lineEnd;
    }
}
