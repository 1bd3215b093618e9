package konaplate;

import java.io.IOException;
import java.time.Instant;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.Buffer;

/**
 * One call as it goes out.
 *
 * @param path the path of the operation, behind the base URL
 * @param correlationId its id
 * @param request with its headers and the signed body
 * @param body the body of the request
 */
record SignedCall(String path, String correlationId, Request request, SignedBody body) {
    static final String CORRELATION_ID = "X-KM-Correlation-Id";
    private static final String CRYPTO_KEY_ID = "X-KM-Crypto-Key-Id";

    /** The call for a plain request. Throws what says that it was not sent. */
    static SignedCall of(Settings settings, Request plain, Instant now) throws IOException {
        String path = path(settings.baseUrl, plain);
        Operations.Operation operation = Operations.find(path);
        byte[] bytes = json(plain.body());
        if (operation.encryptRequest()) {
            bytes = Envelope.encrypted(Jwe.encrypt(settings.serverPublicKey, bytes));
        }
        SignedBody body = new SignedBody(bytes);
        String id = CorrelationId.fresh(now, Signing.KST);
        String timestamp = Signing.timestamp(now, Signing.KST);
        Request.Builder request = plain.newBuilder()
                .post(body)
                .header("Content-Type", SignedBody.JSON.toString())
                .header("Accept", SignedBody.JSON.toString())
                .header("X-KM-User-AspId", settings.aspId)
                .header("X-KM-Access-Key", settings.accessKey)
                .header(CORRELATION_ID, id)
                .header("X-KM-Time-Zone", "KST")
                .header("X-KM-Tran-Time", timestamp.substring(0, 14))
                .header("X-KM-Tran-Token", Signing.token(settings.secretKey, bytes, timestamp))
                .removeHeader(CRYPTO_KEY_ID);
        if (operation.sendKeyId()) {
            request.header(CRYPTO_KEY_ID, settings.cryptoKeyId);
        }
        return new SignedCall(path, id, request.build(), body);
    }

    private static String path(HttpUrl base, Request request) throws KonaplateException {
        HttpUrl url = request.url();
        String prefix = base.encodedPath().replaceAll("/+$", "");
        boolean below = url.scheme().equals(base.scheme())
                && url.host().equals(base.host())
                && url.port() == base.port()
                && url.encodedPath().startsWith(prefix + "/");
        // Elsewhere nobody may see what is signed and plain here.
        require(below, "the URL must begin with KONAPLATE_BASE_URL");
        require(url.query() == null, "the URL must have no query: all is in the body");
        require(request.method().equals("POST"), "the method must be POST");
        return url.encodedPath().substring(prefix.length());
    }

    private static byte[] json(RequestBody body) throws IOException {
        Buffer buffer = new Buffer();
        body.writeTo(buffer);
        byte[] bytes = buffer.readByteArray();
        Envelope envelope = Envelope.read(bytes).orElse(null);
        require(envelope != null, "the body must be a JSON object in UTF-8");
        require(envelope.encData().isEmpty(), "the body must be plain: it is encrypted here");
        return bytes;
    }

    private static void require(boolean rule, String otherwise) throws KonaplateException {
        if (!rule) {
            throw new KonaplateException(otherwise);
        }
    }
}
