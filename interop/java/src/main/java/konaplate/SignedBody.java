package konaplate;

import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;

/** The bytes that were signed. They go out once, and it is known whether they began to. */
final class SignedBody extends RequestBody {
    static final MediaType JSON = MediaType.get("application/json");

    private final byte[] bytes;
    private volatile boolean begun;

    SignedBody(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Without it nothing was sent that could be carried out: the platform needs the whole body. */
    boolean hasBegun() {
        return begun;
    }

    @Override
    public MediaType contentType() {
        return JSON;
    }

    @Override
    public long contentLength() {
        return bytes.length;
    }

    /** OkHttp sends such a body never again, neither after 408 nor after 503 with {@code Retry-After: 0}. */
    @Override
    public boolean isOneShot() {
        return true;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
        if (begun) {
            throw new IOException("a call is sent once");
        }
        begun = true;
        sink.write(bytes);
    }
}
