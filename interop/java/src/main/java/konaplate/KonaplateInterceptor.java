package konaplate;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.Headers;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.AsyncTimeout;

/**
 * Makes a plain request of {@code konaplate-gateway.yaml} a signed, encrypted call, and its response plain.
 *
 * <p>A success and a failure of the platform come with their status and plain JSON. What is no response of the platform
 * is a problem document ({@code application/problem+json}) with the status 502. All but a success have the header
 * {@link Delivery#HEADER}. Where there is no response, a {@link KonaplateException} is thrown.
 *
 * <p>It is an application interceptor. Interceptors before it see plain bodies, those behind it encrypted ones.
 */
public final class KonaplateInterceptor implements Interceptor {
    /** How long a call may take: 20 s, less than a one-time token lives. */
    public static final Duration TIME_LIMIT = Duration.ofSeconds(20);

    private static final MediaType PROBLEM = MediaType.get("application/problem+json");
    private static final int BAD_GATEWAY = 502;

    private final Settings settings;
    private final Duration timeLimit;
    private final Clock clock;
    /** Whether a response showed the id of its call. That they do is likely, but not documented. */
    private final AtomicBoolean idsComeBack = new AtomicBoolean();
    /** Whether more may stand behind a response, which the next call on the connection would take for its own. */
    private final AtomicBoolean distrustsConnections = new AtomicBoolean();

    /**
     * An interceptor with the {@linkplain #TIME_LIMIT usual time limit}.
     *
     * @param settings where the platform is, and the keys
     */
    public KonaplateInterceptor(Settings settings) {
        this(settings, TIME_LIMIT);
    }

    /**
     * An interceptor.
     *
     * @param settings where the platform is, and the keys
     * @param timeLimit how long a call may take, up to the last byte of its response
     */
    public KonaplateInterceptor(Settings settings, Duration timeLimit) {
        this(settings, timeLimit, Clock.systemUTC());
    }

    KonaplateInterceptor(Settings settings, Duration timeLimit, Clock clock) {
        if (timeLimit.toMillis() <= 0) {
            throw new IllegalArgumentException("timeLimit must be longer than zero");
        }
        this.settings = settings;
        this.timeLimit = timeLimit;
        this.clock = clock;
    }

    /**
     * A client for calls of the platform alone, with the {@linkplain #TIME_LIMIT usual time limit}.
     *
     * @param settings where the platform is, and the keys
     * @return the client. It follows no redirect and sends nothing twice
     */
    public static OkHttpClient client(Settings settings) {
        return client(settings, TIME_LIMIT);
    }

    /**
     * A client for calls of the platform alone.
     *
     * @param settings where the platform is, and the keys
     * @param timeLimit how long a call may take, up to the last byte of its response
     * @return the client. It follows no redirect and sends nothing twice
     */
    public static OkHttpClient client(Settings settings, Duration timeLimit) {
        return new OkHttpClient.Builder()
                .addInterceptor(new KonaplateInterceptor(settings, timeLimit))
                .followRedirects(false)
                .followSslRedirects(false)
                .retryOnConnectionFailure(false)
                .connectTimeout(timeLimit)
                .readTimeout(timeLimit)
                .writeTimeout(timeLimit)
                .build();
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        // What follows redirects stands behind this interceptor, and would send the headers on.
        if (chain.getFollowRedirects()) {
            throw new KonaplateException("the OkHttpClient must have followRedirects(false)");
        }
        SignedCall call = SignedCall.of(settings, chain.request(), clock.instant());
        // Not where it was found out: there the connection is still in use, and would stay.
        if (distrustsConnections.getAndSet(false)) {
            chain.getConnectionPool().evictAll();
        }
        AsyncTimeout limit = limit(chain);
        limit.enter();
        try (Response response = chain.withRetryOnConnectionFailure(false).proceed(call.request())) {
            Reading reading = read(call, response);
            if (reading instanceof Reading.Unexpected) {
                distrustsConnections.set(true);
            }
            return plain(call, response, reading).newBuilder()
                    .request(chain.request())
                    .build();
        } catch (IOException e) {
            String what = limit.exit() ? "no response within " + timeLimit : "no response";
            Delivery delivery = call.body().hasBegun() ? Delivery.MAYBE_PROCESSED : Delivery.NOT_SENT;
            // The text of a ProtocolException repeats what came.
            boolean repeats = e instanceof ProtocolException;
            throw new KonaplateException(
                    repeats ? "no whole HTTP response" : what, delivery, call.correlationId(), repeats ? null : e);
        } finally {
            limit.exit();
        }
    }

    /** Ends the call. OkHttp's own limit of a call would put its own exception around ours. */
    private AsyncTimeout limit(Chain chain) {
        AsyncTimeout limit = new AsyncTimeout() {
            @Override
            protected void timedOut() {
                chain.call().cancel();
            }
        };
        limit.timeout(timeLimit.toMillis(), TimeUnit.MILLISECONDS);
        return limit;
    }

    private Reading read(SignedCall call, Response response) throws IOException {
        byte[] body = response.body().bytes();
        String carried = response.header(SignedCall.CORRELATION_ID);
        if (call.correlationId().equals(carried)) {
            idsComeBack.set(true);
        } else if (carried != null && idsComeBack.get()) {
            // On a connection that is kept alive, a response that came twice looks like that to the next call.
            return new Reading.Unexpected("the response must have the correlation id of its call");
        }
        return Reading.of(call.path(), response.code(), body, settings.clientPrivateKey);
    }

    private static Response plain(SignedCall call, Response response, Reading reading) {
        if (reading instanceof Reading.Success success) {
            return response(call, response, response.code(), SignedBody.JSON, success.json(), null);
        }
        if (reading instanceof Reading.Failure failure) {
            return response(call, response, response.code(), SignedBody.JSON, failure.json(), failure.delivery());
        }
        String rule = ((Reading.Unexpected) reading).rule();
        byte[] problem = problem(call, response.code(), rule);
        return response(call, response, BAD_GATEWAY, PROBLEM, problem, Delivery.MAYBE_PROCESSED);
    }

    private static Response response(
            SignedCall call, Response came, int status, MediaType type, byte[] body, Delivery delivery) {
        Headers.Builder headers = new Headers.Builder()
                .add("Content-Type", type.toString())
                .add(SignedCall.CORRELATION_ID, call.correlationId());
        if (delivery != null) {
            headers.add(Delivery.HEADER, delivery.word());
        }
        return came.newBuilder()
                .code(status)
                .message(status == came.code() ? came.message() : "Bad Gateway")
                .headers(headers.build())
                .body(ResponseBody.create(body, type))
                .build();
    }

    private static byte[] problem(SignedCall call, int status, String detail) {
        JsonObject problem = new JsonObject();
        problem.addProperty("type", "urn:konaplate:problem:unexpected-response");
        problem.addProperty("title", "what came is no response of the platform");
        problem.addProperty("status", BAD_GATEWAY);
        problem.addProperty("detail", detail);
        problem.addProperty("delivery", Delivery.MAYBE_PROCESSED.word());
        problem.addProperty("correlationId", call.correlationId());
        problem.addProperty("upstreamStatus", status);
        return problem.toString().getBytes(StandardCharsets.UTF_8);
    }
}
