package konaplate;

import static konaplate.Fixture.MEMBER_PATH;
import static konaplate.Fixture.TOKEN_PATH;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes over the wire, byte by byte. */
class RequestTest {
    private static final String SUCCESS = "{\"response\":{\"code\":\"000_000\"}}";

    private final MockWebServer server = new MockWebServer();
    private OkHttpClient http;

    @BeforeEach
    void start() throws IOException {
        server.start();
        http = client(server.url("/open-api").toString());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static OkHttpClient client(String baseUrl) {
        Clock clock = Clock.fixed(Instant.parse("2026-03-15T01:45:12.345Z"), ZoneOffset.UTC);
        Settings settings = new Settings(Fixture.variables(baseUrl));
        return new OkHttpClient.Builder()
                .addInterceptor(new KonaplateInterceptor(settings, Duration.ofSeconds(5), clock))
                .followRedirects(false)
                .build();
    }

    private RecordedRequest sent(String path, String json) throws IOException, InterruptedException {
        server.enqueue(new MockResponse.Builder().body(SUCCESS).build());
        Fixture.post(http, server.url("/open-api" + path).toString(), json).close();
        return server.takeRequest();
    }

    @Test
    void anEncryptedBodyHoldsTheVeryBytes() throws Exception {
        String json = "{\"sequenceId\": \"BANK-1\",\"userId\":9999999999999999999, \"a\":1.10}";
        RecordedRequest request = sent(MEMBER_PATH, json);
        JsonObject body = Json.object(request.getBody().utf8(), any -> true);
        assertEquals(1, body.size());
        String jwe = body.get("encData").getAsString();
        String header = new String(Base64.getUrlDecoder().decode(jwe.substring(0, jwe.indexOf('.'))));
        assertEquals("{\"enc\":\"A128GCM\",\"alg\":\"RSA-OAEP-256\"}", header);
        assertEquals(json, Fixture.decrypted(jwe));
    }

    @Test
    void theTokenSignsTheBytesThatGoOut() throws Exception {
        RecordedRequest request = sent(TOKEN_PATH, "{\"cardNo\":\"9491339401250765\"}");
        String timestamp = "20260315104512345";
        byte[] body = request.getBody().toByteArray();
        assertEquals(
                Signing.token(Fixture.SECRET, body, timestamp), request.getHeaders().get("X-KM-Tran-Token"));
        assertEquals("20260315104512", request.getHeaders().get("X-KM-Tran-Time"));
    }

    @Test
    void theSampleOfTheDescriptionIsSignedAsItSays() {
        assertEquals(
                "KMV1:20260315104512345:oJFzr2Y6V+Tp3Lr8AFjerDGgUDUvMWYHw0Ydkig1zAw=",
                Signing.token(
                        Fixture.SECRET,
                        "{\"sequenceId\":\"BANK-20260315-000001\"}".getBytes(),
                        Signing.timestamp(Instant.ofEpochMilli(1773539112345L), Signing.KST)));
    }

    @Test
    void headersAreThoseOfTheDescription() throws Exception {
        RecordedRequest request = sent(TOKEN_PATH, "{}");
        assertEquals("POST /open-api" + TOKEN_PATH + " HTTP/1.1", request.getRequestLine());
        assertEquals(List.of("application/json"), request.getHeaders().values("Content-Type"));
        assertEquals(List.of("application/json"), request.getHeaders().values("Accept"));
        assertEquals("000170000000000", request.getHeaders().get("X-KM-User-AspId"));
        assertEquals("0a1b2c3-0123456789abcdef0123456789abcdef", request.getHeaders().get("X-KM-Access-Key"));
        assertEquals("0123456789abcdef0123456789abcdef", request.getHeaders().get("X-KM-Crypto-Key-Id"));
        assertEquals("KST", request.getHeaders().get("X-KM-Time-Zone"));
        String id = request.getHeaders().get("X-KM-Correlation-Id");
        assertTrue(CorrelationId.isValid(id) && id.startsWith("260315104512-"), id);
        assertNotEquals(id, sent(TOKEN_PATH, "{}").getHeaders().get("X-KM-Correlation-Id"));
    }

    @Test
    void anUnknownPathIsSignedAndSentPlain() throws Exception {
        RecordedRequest request = sent("/api/v9/new", "{\"a\":1}");
        assertEquals("{\"a\":1}", request.getBody().utf8());
        assertNull(request.getHeaders().get("X-KM-Crypto-Key-Id"));
        assertTrue(request.getHeaders().get("X-KM-Tran-Token").startsWith("KMV1:"));
    }

    @Test
    void otherHeadersAreKept() throws Exception {
        server.enqueue(new MockResponse.Builder().body(SUCCESS).build());
        Request request = new Request.Builder()
                .url(server.url("/open-api" + TOKEN_PATH))
                .header("X-Sandbox-Fault", "extra-fields")
                .post(SignedBody.create("{}", SignedBody.JSON))
                .build();
        http.newCall(request).execute().close();
        assertEquals("extra-fields", server.takeRequest().getHeaders().get("X-Sandbox-Fault"));
    }

    @Test
    void aBodyGoesOutOnce() throws Exception {
        SignedBody body = new SignedBody(new byte[] {1});
        assertFalse(body.hasBegun());
        body.writeTo(new Buffer());
        assertTrue(body.hasBegun() && body.isOneShot());
        assertThrows(IOException.class, () -> body.writeTo(new Buffer()));
    }

    @Test
    void whatCannotBeSentIsNotSent() {
        String url = server.url("/open-api" + TOKEN_PATH).toString();
        for (String body : List.of("", "[]", "7", "{", "{} {}", "{\"encData\":\"a.b.c.d.e\"}", "{'a':1}")) {
            assertNotSent(http, url, body, "the body must be");
        }
        assertNotSent(http, server.url("/elsewhere").toString(), "{}", "KONAPLATE_BASE_URL");
        assertNotSent(http, url.replace("http://", "https://"), "{}", "KONAPLATE_BASE_URL");
        assertNotSent(http, url + "?a=1", "{}", "no query");
        OkHttpClient follows = http.newBuilder().followRedirects(true).build();
        assertNotSent(follows, url, "{}", "followRedirects(false)");
        Request get = new Request.Builder().url(url).build();
        assertThrows(KonaplateException.class, () -> http.newCall(get).execute());
        assertEquals(0, server.getRequestCount());
    }

    private static void assertNotSent(OkHttpClient http, String url, String body, String rule) {
        KonaplateException e = assertThrows(KonaplateException.class, () -> Fixture.post(http, url, body));
        assertEquals(Delivery.NOT_SENT, e.delivery());
        assertTrue(e.getMessage().contains(rule), e.getMessage());
        assertFalse(e.getMessage().contains("a.b.c.d.e"), e.getMessage());
    }
}
