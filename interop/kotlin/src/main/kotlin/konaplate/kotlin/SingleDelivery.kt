package konaplate.kotlin

import java.io.IOException
import java.time.Duration
import java.util.concurrent.TimeUnit
import okhttp3.Interceptor
import okhttp3.MediaType
import okhttp3.MediaType.Companion.toMediaType
import okhttp3.Request
import okhttp3.RequestBody
import okhttp3.Response
import okhttp3.ResponseBody.Companion.toResponseBody
import okio.AsyncTimeout
import okio.Buffer
import okio.BufferedSink
import okio.ByteString

internal val JSON_TYPE = "application/json".toMediaType()

/**
 * A body that is sent once. OkHttp sends a request again after some responses, whatever its settings say (after a 503 with
 * `Retry-After: 0`, for one), but never one with such a body.
 */
private class SingleBody(private val content: ByteString, private val type: MediaType?) : RequestBody() {
    /** Until it is true nothing has left that could be carried out: the body is what is missing. */
    @Volatile
    var isBegun = false
        private set

    override fun contentType() = type

    override fun contentLength() = content.size.toLong()

    override fun isOneShot() = true

    override fun writeTo(sink: BufferedSink) {
        if (isBegun) throw IOException("a body is sent once")
        isBegun = true
        sink.write(content)
    }
}

/**
 * Sends a request once and reads the whole response. A failure says whether anything was sent.
 *
 * The time limit is kept here and not by OkHttp, which would put an exception of its own in the place of this one.
 */
internal fun Interceptor.Chain.sendOnce(request: Request, timeLimit: Duration, correlationId: String?): Response {
    val content = request.body?.let { Buffer().also(it::writeTo).readByteString() } ?: ByteString.EMPTY
    val body = SingleBody(content, request.body?.contentType())
    val limit =
        object : AsyncTimeout() {
            override fun timedOut() = call().cancel()
        }
    limit.timeout(timeLimit.toMillis(), TimeUnit.MILLISECONDS)
    return try {
        limit.withTimeout {
            proceed(request.newBuilder().method(request.method, body).build()).use { response ->
                response.newBuilder().body(response.body.bytes().toResponseBody(response.body.contentType())).build()
            }
        }
    } catch (e: IOException) {
        if (body.isBegun) {
            throw KonaplateException("the request was sent, and no whole response came", MAYBE_PROCESSED, correlationId, e)
        }
        throw KonaplateException("there is no connection, and nothing was sent", NOT_SENT, correlationId, e)
    }
}

/** For calls to a gateway, which signs and encrypts: keeps them from being sent twice, and says what a failure proves. */
internal class SingleDelivery(private val timeLimit: Duration) : Interceptor {
    override fun intercept(chain: Interceptor.Chain): Response = chain.sendOnce(chain.request(), timeLimit, correlationId = null)
}
