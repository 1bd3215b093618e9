package konaplate;

import static konaplate.Fixture.RECHARGE_PATH;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.SocketEffect;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a caller sees, and that a call goes out once. */
class ResponseTest {
    private static final String LARGEST = "{\"response\":{\"code\":\"000_000\"},\"userId\":9999999999999999999}";

    private final MockWebServer server = new MockWebServer();
    private OkHttpClient http;

    @BeforeEach
    void start() throws IOException {
        server.start();
        http = client(Duration.ofSeconds(5));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private OkHttpClient client(Duration timeLimit) {
        return KonaplateInterceptor.client(new Settings(Fixture.variables(server.url("/").toString())), timeLimit);
    }

    private Response got(MockResponse.Builder response) throws IOException {
        server.enqueue(response.build());
        return Fixture.post(http, server.url(RECHARGE_PATH).toString(), "{\"sequenceId\":\"BANK-1\"}");
    }

    private static MockResponse.Builder with(int status, String body) {
        return new MockResponse.Builder().code(status).body(body);
    }

    @Test
    void anEncryptedSuccessComesPlain() throws Exception {
        try (Response response = got(with(200, Fixture.encrypted(LARGEST)).addHeader("X-Other", "a"))) {
            assertEquals(200, response.code());
            assertEquals(LARGEST, response.body().string());
            assertEquals("application/json", response.header("Content-Type"));
            String id = server.takeRequest().getHeaders().get("X-KM-Correlation-Id");
            assertEquals(id, response.header("X-KM-Correlation-Id"));
            assertNull(response.header(Delivery.HEADER));
            assertNull(response.header("X-Other"));
            assertNull(response.request().header("X-KM-Access-Key"));
        }
    }

    @Test
    void aFailureSaysWhatItsCodeProves() throws Exception {
        String body = "{\"response\":{\"code\":\"007_008\",\"description\":\"Duplicated\"}}";
        for (String sent : List.of(body, Fixture.encrypted(body))) {
            try (Response response = got(with(400, sent).addHeader(Delivery.HEADER, "not-sent"))) {
                assertEquals(400, response.code());
                assertEquals(body, response.body().string());
                assertEquals(List.of("earlier-call"), response.headers(Delivery.HEADER));
            }
        }
        try (Response response = got(with(500, body))) {
            assertEquals(500, response.code());
            assertEquals("maybe-processed", response.header(Delivery.HEADER));
        }
    }

    @Test
    void whatIsNoResponseOfThePlatformIsAProblem() throws Exception {
        String success = "{\"response\":{\"code\":\"000_000\"}}";
        List<MockResponse.Builder> responses = List.of(
                with(502, "<html>9491339401250765</html>"),
                with(200, ""),
                with(200, "{\"response\":{\"code\":\"000_000\"},\"a\":"),
                with(200, Fixture.encrypted("no JSON")),
                with(500, success),
                with(307, success).addHeader("Location", "/"),
                with(503, "").addHeader("Retry-After", "0"),
                with(408, ""),
                with(421, ""));
        for (MockResponse.Builder of : responses) {
            int before = server.getRequestCount();
            try (Response response = got(of)) {
                assertEquals(502, response.code());
                assertEquals("application/problem+json", response.header("Content-Type"));
                assertEquals("maybe-processed", response.header(Delivery.HEADER));
                String text = response.body().string();
                JsonObject problem = Json.object(text, any -> true);
                assertEquals("urn:konaplate:problem:unexpected-response", problem.get("type").getAsString());
                assertEquals("maybe-processed", problem.get("delivery").getAsString());
                assertEquals(of.getCode(), problem.get("upstreamStatus").getAsInt());
                assertEquals(response.header("X-KM-Correlation-Id"), problem.get("correlationId").getAsString());
                assertFalse(text.contains("9491339401250765"), text);
            }
            assertEquals(before + 1, server.getRequestCount());
        }
    }

    @Test
    void theResponseToAnotherCallIsNotBelieved() throws Exception {
        String success = "{\"response\":{\"code\":\"000_000\"}}";
        // As long as no id came back, another one proves nothing.
        for (int i = 0; i < 2; i++) {
            try (Response response = got(with(200, success).addHeader("X-KM-Correlation-Id", "of the platform"))) {
                assertEquals(200, response.code());
            }
        }
        OkHttpClient echoed = http.newBuilder()
                .addNetworkInterceptor(chain -> {
                    String id = chain.request().header("X-KM-Correlation-Id");
                    Response response = chain.proceed(chain.request());
                    return response.header("X-KM-Correlation-Id") == null
                            ? response.newBuilder().header("X-KM-Correlation-Id", id).build()
                            : response;
                })
                .build();
        server.enqueue(with(200, success).build());
        server.enqueue(with(200, success).addHeader("X-KM-Correlation-Id", "260315104512-0a1b2c3").build());
        server.enqueue(with(200, success).build());
        String url = server.url(RECHARGE_PATH).toString();
        try (Response first = Fixture.post(echoed, url, "{}");
                Response second = Fixture.post(echoed, url, "{}");
                Response third = Fixture.post(echoed, url, "{}")) {
            assertEquals(200, first.code());
            assertEquals(502, second.code());
            assertEquals(200, third.code());
        }
        List<Integer> connections = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            connections.add(server.takeRequest().getConnectionIndex());
        }
        assertEquals(List.of(0, 0, 0, 0, 1), connections, "what is wrong on a connection ends with it");
    }

    @Test
    void whatIsNoHttpIsNotShown() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread peer = new Thread(() -> respondsWithoutHttp(socket));
            peer.start();
            String base = "http://127.0.0.1:" + socket.getLocalPort();
            OkHttpClient lost = KonaplateInterceptor.client(new Settings(Fixture.variables(base)));
            KonaplateException e = assertThrows(
                    KonaplateException.class, () -> Fixture.post(lost, base + RECHARGE_PATH, "{}"));
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            assertEquals(Delivery.MAYBE_PROCESSED, e.delivery());
            assertFalse(trace.toString().contains("9491339401250765"), trace.toString());
            peer.join();
        }
    }

    private static void respondsWithoutHttp(ServerSocket socket) {
        try (Socket connection = socket.accept()) {
            connection.getInputStream().read(new byte[65536]);
            connection.getOutputStream().write("9491339401250765\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whereThereIsNoResponseTheCallMayHaveBeenCarriedOut() throws Exception {
        List<MockResponse.Builder> responses = List.of(
                with(200, "").onResponseStart(new SocketEffect.CloseSocket()),
                with(200, LARGEST).onResponseBody(new SocketEffect.CloseSocket()),
                with(200, LARGEST).onRequestBody(new SocketEffect.CloseSocket()));
        for (MockResponse.Builder of : responses) {
            int before = server.getRequestCount();
            KonaplateException e = assertThrows(KonaplateException.class, () -> got(of));
            assertEquals(Delivery.MAYBE_PROCESSED, e.delivery());
            assertTrue(e.correlationId().filter(CorrelationId::isValid).isPresent());
            assertTrue(server.getRequestCount() <= before + 1);
        }
    }

    @Test
    void aResponseThatDripsEndsAtTheTimeLimit() {
        Settings settings = new Settings(Fixture.variables(server.url("/").toString()));
        // The client's own limits are those of a single read: 10 s, of which no byte takes so much.
        http = new OkHttpClient.Builder()
                .addInterceptor(new KonaplateInterceptor(settings, Duration.ofMillis(400)))
                .followRedirects(false)
                .build();
        MockResponse.Builder drips = with(200, LARGEST).throttleBody(1, 100, TimeUnit.MILLISECONDS);
        KonaplateException e = assertThrows(KonaplateException.class, () -> got(drips));
        assertEquals(Delivery.MAYBE_PROCESSED, e.delivery());
        assertTrue(e.getMessage().startsWith("no response within"), e.getMessage());
    }

    @Test
    void withoutAConnectionNothingWasSent() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        assertNotSent("http://127.0.0.1:" + free);
        assertNotSent("https://nowhere.invalid");
    }

    @Test
    void withoutTlsNothingWasSent() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread peer = new Thread(() -> respondsWithoutHttp(socket));
            peer.start();
            assertNotSent("https://127.0.0.1:" + socket.getLocalPort());
            peer.join();
        }
    }

    private static void assertNotSent(String base) {
        OkHttpClient lost = KonaplateInterceptor.client(new Settings(Fixture.variables(base)));
        KonaplateException e =
                assertThrows(KonaplateException.class, () -> Fixture.post(lost, base + RECHARGE_PATH, "{}"));
        assertEquals(Delivery.NOT_SENT, e.delivery());
    }
}
